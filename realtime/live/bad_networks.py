"""Live streams within bounds, on bad networks too: what replaces parts of aiortc, and where."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from aiortc import rtcpeerconnection, rtcrtpreceiver, rtcrtpsender
from aiortc.jitterbuffer import JitterBuffer

from realtime.live.bitrate_estimate import SteadyEstimator
from realtime.live.frame_assembly import FrameAssembly, group_decoder
from realtime.live.nack import RepeatedNack
from realtime.live.remote_track import BoundedRemoteTrack
from realtime.live.video_encoders import adaptive_encoder
from realtime.live.video_sender import PacedSender


def install() -> None:
    """Let all connections made from now on use these parts. May be called repeatedly."""
    for module, name, part in REPLACED:
        setattr(module, name, part)


def _jitter_buffer(capacity: int, prefetch: int = 0, is_video: bool = False) -> JitterBuffer:
    return FrameAssembly() if is_video else JitterBuffer(capacity, prefetch)


# Where aiortc looks each part up when it makes a connection. It has no public way to choose them.
REPLACED: tuple[tuple[ModuleType, str, Callable[..., Any]], ...] = (
    (rtcpeerconnection, "RTCRtpSender", PacedSender),
    (rtcpeerconnection, "RemoteStreamTrack", BoundedRemoteTrack),
    (rtcrtpsender, "get_encoder", adaptive_encoder),
    (rtcrtpreceiver, "JitterBuffer", _jitter_buffer),
    (rtcrtpreceiver, "NackGenerator", RepeatedNack),
    (rtcrtpreceiver, "RemoteBitrateEstimator", SteadyEstimator),
    (rtcrtpreceiver, "get_decoder", group_decoder),
)
