"""What the pages offer of landmarks: what is installed."""

from __future__ import annotations

from realtime.landmark.registry import LANDMARKERS

GAZE = "Gaze direction relative to the head, estimated from the irises."


def landmark_titles() -> dict[str, str]:
    """The name of each landmarker that is installed, by its key."""
    return {key: entry.name for key, entry in LANDMARKERS.items() if not entry.missing}
