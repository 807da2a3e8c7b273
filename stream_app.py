"""Entry point of the app; run with `streamlit run stream_app.py`."""

from streamlit.starlette import App

from realtime.core.installed import PACKAGE
from realtime.server.app import server_options

# Streamlit looks for this very call, and then serves the app with our routes and middleware.
app = App(PACKAGE / "pages/navigation.py", **server_options())
