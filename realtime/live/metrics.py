"""Prometheus metrics of all live streams of the process; nothing in them is about a face."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

if TYPE_CHECKING:
    from realtime.engine.admission import Admission

_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.13, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)
_STAGE_SECONDS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256)

VIEWERS = Gauge("facestream_live_viewers", "Viewers with a place.")
WAITING = Gauge("facestream_live_waiting", "Viewers in the queue.")
FRAMES = Counter("facestream_live_frames", "Camera frames.", ("outcome",))
ANALYSES = Counter("facestream_live_analyses", "Frames analysed.")
FAULTS = Counter("facestream_live_faults", "Analyses that failed.")
RECONNECTS = Counter("facestream_live_reconnects", "Streams that started again after a cut.")
AGE = Histogram(
    "facestream_live_age_seconds",
    "Time from a frame's arrival to the sending of its result.",
    buckets=_SECONDS,
)
STAGE = Histogram(
    "facestream_live_stage_seconds",
    "Duration of each stage of an analysis.",
    ("stage",),
    buckets=_STAGE_SECONDS,
)
DELAY = Histogram(
    "facestream_live_delay_seconds",
    "Time from camera to screen, as browsers estimate it.",
    buckets=_SECONDS,
)
BROWSER_FPS = Histogram(
    "facestream_live_browser_fps",
    "Pictures per second that browsers show.",
    buckets=(1, 5, 10, 15, 20, 24, 27, 29, 31, 61),
)
_SHOWN, _DROPPED = FRAMES.labels("shown"), FRAMES.labels("dropped")


def watch_admission(admission: Admission) -> None:
    """Report how many viewers have a place, and how many wait for one."""
    VIEWERS.set_function(lambda: admission.viewers)
    WAITING.set_function(lambda: admission.waiting)


def frame_shown(age_ms: float, dropped: int) -> None:
    """Count a frame that was sent, and those before it that were not."""
    _SHOWN.inc()
    if dropped:
        _DROPPED.inc(dropped)
    AGE.observe(age_ms / 1e3)


def frame_analysed(timings_ms: Mapping[str, float] | None) -> None:
    """Count an analysis, with the duration of each stage; None: it failed."""
    if timings_ms is None:
        return FAULTS.inc()
    ANALYSES.inc()
    for stage, ms in timings_ms.items():
        STAGE.labels(stage).observe(ms / 1e3)
