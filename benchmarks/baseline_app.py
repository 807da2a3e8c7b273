"""The baseline for stream latency: streamlit-webrtc with a pass-through callback."""

import av
from streamlit_webrtc import webrtc_streamer


def pass_through(frame: av.VideoFrame) -> av.VideoFrame:
    """Return the frame unchanged."""
    return frame


webrtc_streamer(
    key="baseline",
    video_frame_callback=pass_through,
    rtc_configuration={"iceServers": []},
    media_stream_constraints={
        "video": {
            "width": {"ideal": 640},
            "height": {"ideal": 480},
            "frameRate": {"ideal": 30, "max": 30},
        },
        "audio": False,
    },
)
