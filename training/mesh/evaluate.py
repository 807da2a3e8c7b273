"""Figures of an exported mesh network on held-out crops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from realtime.core.faces import F32
from realtime.core.landmarks import MESH468
from realtime.inference.litert import LiteRTModel
from realtime.landmark.facestream_mesh import POINTS
from training.mesh.loss import COUNT

CORNERS = (MESH468.measured.right_eye[0], MESH468.measured.left_eye[3])


def evaluate(path: Path, crops: F32, truth: F32) -> dict[str, Any]:
    """Compare a network's answers with the teacher's.

    Args:
        path: the exported network.
        crops: (n, side, side, 3) float32.
        truth: (n, columns), see `training.mesh.loss`.

    Returns:
        `distance`: mean distance of the points that the teacher is sure of, over that of the outer
        eye corners; `presence_faces` and `presence_backgrounds`: shares that are right at 0.5.
    """
    (answers,) = LiteRTModel(path)(crops)
    logit, presence, counts = answers[:, POINTS], truth[:, -2] > 0.5, truth[:, -1] > 0
    sure = presence & (truth[:, POINTS : POINTS + COUNT].min(axis=1) > 0.99)
    found = answers[sure, :POINTS].reshape(-1, COUNT, 3)[..., :2]
    wanted = truth[sure, :POINTS].reshape(-1, COUNT, 3)[..., :2]
    eyes = np.linalg.norm(wanted[:, CORNERS[0]] - wanted[:, CORNERS[1]], axis=1)
    errors = np.linalg.norm(found - wanted, axis=2).mean(axis=1) / np.maximum(eyes, 0.05)
    return {
        "faces": int(sure.sum()),
        "distance": round(float(errors.mean()), 4),
        "presence_faces": round(float((logit[presence & counts] > 0).mean()), 4),
        "presence_backgrounds": round(float((logit[~presence & counts] <= 0).mean()), 4),
    }
