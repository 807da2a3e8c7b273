"""Cards of the two landmark models, and the names of their 68 points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from realtime.landmark.dlib68 import MARGIN, SIDE
from training.landmarks.errors import Score
from training.landmarks.faces import LabelledFace
from training.mesh.sources import Source

SUBSETS = ("helen", "afw", "lfpw")  # of landmarks_300w, in the card's order
TERMS = "300-W: excludes commercial use"
PARTS = (
    ("jaw", 17),
    ("right_brow", 5),
    ("left_brow", 5),
    ("nose_bridge", 4),
    ("nose_base", 5),
    ("right_eye", 6),
    ("left_eye", 6),
    ("outer_lips", 12),
    ("inner_lips", 8),
)
LABELS = tuple(f"{part}_{i}" for part, count in PARTS for i in range(count))
LIMITS = (
    "Trained on sharp web pictures of mostly frontal faces: expect errors on profiles, in low "
    "light and behind hands.",
    "Always returns 68 points, even where there is no face.",
)


def trees_card(
    command: str,
    faces: Sequence[LabelledFace],
    training: Mapping[str, Any],
    speed: Mapping[str, Any],
    metrics: Mapping[str, Any],
) -> dict[str, Any]:
    """The card of `models/landmarks68`; `training`, `speed` and `metrics` are its tables."""
    return {
        **_head("landmarks: 68 points per face, by dlib's regression trees"),
        "input": {
            "side_px": SIDE,
            "channels": 1,
            "zoom": MARGIN,
            "order": "gray",
            "preprocessing": "uint8 crops of the face's region, rotated so that the eyes are "
            "level, from realtime.landmark.dlib68",
        },
        "training": _training(command, faces, training),
        "speed": dict(speed),
        "metrics": dict(metrics),
    }


def correction_card(
    command: str,
    faces: Sequence[LabelledFace],
    training: Mapping[str, Any],
    metrics: Mapping[str, Any],
) -> dict[str, Any]:
    """The card of `models/mesh68`; `training` and `metrics` are its tables."""
    return {
        **_head("landmarks: MediaPipe's mesh converted to the 68 points of 300-W"),
        "input": {
            "side_px": 1,
            "channels": 1,
            "zoom": 1.0,
            "order": "none",
            "preprocessing": "no picture: mesh points, in coordinates of the eye corners",
        },
        "training": _training(command, faces, training),
        "metrics": dict(metrics),
    }


def network_card(
    command: str,
    faces: Sequence[LabelledFace],
    training: Mapping[str, Any],
    speed: Mapping[str, Any],
    metrics: Mapping[str, Any],
    *,
    share: float,
    unlabelled: Sequence[Source],
    side_px: int,
    zoom: float,
) -> dict[str, Any]:
    """The card of `models/cnn68`.

    Args:
        command: the command that trains the model.
        faces: the labelled faces.
        training: seed and size of the run.
        speed: see `training.export.Speed.table`.
        metrics: scores on the test faces.
        share: the network's share in the answer; the mapped points have the rest.
        unlabelled: sets whose faces a teacher labelled.
        side_px: side of the network's input.
        zoom: side of the region over that of the part that the network sees.
    """
    table = _training(command, faces, training)
    table["sets"] += [f"{source.title}, pictures alone" for source in unlabelled]
    table["terms"] += [f"{source.title}: {source.terms}" for source in unlabelled]
    return {
        **_head("landmarks: 68 points per face, by a convolutional network"),
        "share": share,
        "start": "the weights of models/mesh; its card names their data and teacher",
        "input": {
            "side_px": side_px,
            "channels": 3,
            "zoom": zoom,
            "order": "BGR",
            "preprocessing": "float32 pixels 0..255 of the inner part of a face's region, rotated "
            "so that the eyes are level, see realtime.landmark.cnn68",
        },
        "training": table,
        "speed": dict(speed),
        "metrics": dict(metrics),
    }


def score_table(score: Score) -> dict[str, Any]:
    """A score as a table of the card."""
    values = asdict(score)
    values["mean"] = score.mean.rounded()
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in values.items()}


def training_set(faces: Sequence[LabelledFace]) -> str:
    """Name the training data, with only the 300-W subsets that were actually read."""
    read = {face.subset for face in faces}
    return f"landmarks_300w train ({', '.join(name for name in SUBSETS if name in read)})"


def _training(
    command: str, faces: Sequence[LabelledFace], training: Mapping[str, Any]
) -> dict[str, Any]:
    name = training_set(faces)
    return {"command": command, **training, "sets": [name], "terms": [f"{name}: {TERMS}"]}


def _head(task: str) -> dict[str, Any]:
    return {"task": task, "labels": list(LABELS), "limits": list(LIMITS)}
