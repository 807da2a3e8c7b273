"""The app, which also logs the numbers of the camera's frames that arrive, for `stream`."""

from streamlit.starlette import App

from benchmarks.frame_arrivals import log_arrivals
from realtime.core.installed import PACKAGE
from realtime.server.app import server_options

log_arrivals()
app = App(PACKAGE / "pages/navigation.py", **server_options())
