"""The floor to compare with: streamlit-webrtc as it comes, with a callback that changes nothing."""

import av
from streamlit_webrtc import webrtc_streamer


def unchanged(frame: av.VideoFrame) -> av.VideoFrame:
    """The frame itself."""
    return frame


webrtc_streamer(
    key="baseline",
    video_frame_callback=unchanged,
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
