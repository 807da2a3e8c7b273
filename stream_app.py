"""Entry point of the Streamlit app; run with `streamlit run stream_app.py`."""

import streamlit as st

from realtime.live.process import prepare_process

prepare_process()

# A local file: Streamlit would load its named icons from an external site.
st.set_page_config(page_title="FaceStream", page_icon="realtime/ui/icon.svg", layout="wide")
st.navigation(
    [
        st.Page("realtime/pages/live.py", title="Live", icon=":material/videocam:", default=True),
        st.Page("realtime/pages/photo.py", title="Photos", icon=":material/image:"),
        st.Page("realtime/pages/video.py", title="Video files", icon=":material/movie:"),
        st.Page("realtime/pages/explore.py", title="Explore", icon=":material/analytics:"),
        st.Page("realtime/pages/benchmarks.py", title="Benchmarks", icon=":material/speed:"),
        st.Page("realtime/pages/about.py", title="About", icon=":material/info:"),
    ],
    position="top",
).run()
