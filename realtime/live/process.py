"""Settings for the whole server process, made once before the first live stream."""

from __future__ import annotations

import gc
import sys
from functools import cache

import cv2

SWITCH_INTERVAL_S = 0.001


@cache  # Streamlit runs the entry script again for every visitor and every change
def prepare_process() -> None:
    """Set up OpenCV's threads, aiortc and the garbage collector.

    Loads the modules that live streams need, so call it only in a process that serves them.
    Further calls do nothing.
    """
    # A stream that waits for the interpreter's lock waits this long; 5 ms by default.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    # Streams run in parallel; inside one small picture, more threads cost more than they gain.
    cv2.setNumThreads(1)
    import realtime.live.webrtc  # noqa: F401
    from realtime.config import settings
    from realtime.live import bad_networks, playout_delay, udp_ports

    playout_delay.install()
    bad_networks.install()
    if (ports := settings().udp_ports) is not None:
        udp_ports.install(ports)

    # A full collection stops every thread, including the streams', while it scans all objects.
    # Modules live as long as the process, so scanning them is wasted time.
    gc.collect()
    gc.freeze()
