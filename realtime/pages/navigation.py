"""The script that Streamlit runs for every visit and change: it shows the chosen page."""

from __future__ import annotations

import streamlit as st

from realtime.core.installed import PACKAGE
from realtime.live.process import prepare_process
from realtime.ui.login import account, require_login
from realtime.ui.session_end import install_session_end
from realtime.ui.stale_callbacks import free_stale_callbacks
from realtime.ui.upload_quota import install_quota

prepare_process()
install_quota()
install_session_end()

# A local file: Streamlit would load its named icons from an external site.
st.set_page_config(page_title="FaceStream", page_icon=PACKAGE / "ui/icon.svg", layout="wide")
require_login()
dark = st.context.theme.type == "dark"
st.logo(PACKAGE / f"ui/logo-{'dark' if dark else 'light'}.svg", size="large")
st.navigation(
    [
        st.Page(PACKAGE / "pages/live.py", title="Live", icon=":material/videocam:", default=True),
        st.Page(PACKAGE / "pages/photo.py", title="Photos", icon=":material/image:"),
        st.Page(PACKAGE / "pages/video.py", title="Video files", icon=":material/movie:"),
        st.Page(PACKAGE / "pages/archive.py", title="Archive", icon=":material/inventory_2:"),
        st.Page(PACKAGE / "pages/explore.py", title="Explore", icon=":material/analytics:"),
        st.Page(PACKAGE / "pages/benchmarks.py", title="Benchmarks", icon=":material/speed:"),
        st.Page(PACKAGE / "pages/about.py", title="About", icon=":material/info:"),
    ],
    position="top",
).run()
account()
free_stale_callbacks()  # last
