"""The mesh's model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from realtime.core.landmarks import MESH468
from training.mesh.network import HEADS
from training.mesh.sources import SOURCES

TEACHER = (
    "MediaPipe's face mesh network (mediapipe 0.10.21, Apache-2.0), "
    "https://arxiv.org/abs/1907.06724"
)
BACKGROUNDS = ("scenes without faces, as background", "course material")


def mesh_card(
    command: str,
    training: Mapping[str, Any],
    metrics: Mapping[str, Any],
    speed: Mapping[str, Any],
    limits: Sequence[str],
    *,
    side_px: int,
    zoom: float,
) -> dict[str, Any]:
    """The card of `models/mesh`.

    Args:
        command: the command that trains the model.
        training: seed and size of the run.
        metrics: figures on held-out faces.
        speed: see `training.export.Speed.table`.
        limits: what it does badly.
        side_px: side of the network's input.
        zoom: side of the region over that of the part that the network sees.
    """
    sets = [*((s.title, s.terms) for s in SOURCES), BACKGROUNDS]
    return {
        "task": "mesh: 468 points of a face and whether there is one",
        "labels": [f"point_{i}" for i in range(MESH468.count)],
        "limits": list(limits),
        "teacher": TEACHER,
        "input": {
            "side_px": side_px,
            "channels": 3,
            "zoom": zoom,
            "order": "BGR",
            "preprocessing": "float32 pixels 0..255 of the inner part of a face's region, rotated "
            "so that the eyes are level, see realtime.landmark.facestream_mesh",
        },
        # Columns of the one output; points are x, y, z in sides of the crop, from its centre.
        "heads": dict(HEADS),
        "training": {
            "command": command,
            **training,
            "weights": "int8, one scale a channel; the ranges of the values are taken at run time",
            "sets": [title for title, _ in sets],
            "terms": [f"{title}: {terms}" for title, terms in sets],
        },
        "speed": dict(speed),
        "metrics": dict(metrics),
    }
