"""Fitting the linear map from the face mesh to the 68 points as annotated in 300-W."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from realtime.core.faces import F32
from realtime.landmark.mesh68 import MeshTo68, mesh_as_68, to_eye_frame
from training.landmarks.faces import MIRROR

RIDGE = 0.01  # per face, in squared eye distances


def fit_correction(landmarks: F32, points: F32) -> MeshTo68:
    """Fit the map that minimises the distance to labelled points, by ridge regression.

    Args:
        landmarks: (n, 468, 3) meshes in pixels.
        points: (n, 68, 2) labelled points of the same faces, in the same pixels.
    """
    mapped = mesh_as_68(landmarks)
    source, target = to_eye_frame(mapped, mapped), to_eye_frame(points, mapped)
    # Mirrored copies make the map symmetric.
    source, target = (np.concatenate([p, _mirrored(p)]) for p in (source, target))
    x = source.reshape(len(source), -1).astype(np.float64)
    y = (target - source).reshape(len(source), -1).astype(np.float64)
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    x, y = x - x_mean, y - y_mean
    # Proportional to the number of faces, so that the fit does not depend on it.
    penalty = RIDGE * len(x) / 4000 * np.eye(x.shape[1])
    weights = np.linalg.solve(x.T @ x + penalty, x.T @ y)
    offset = y_mean - x_mean @ weights
    return MeshTo68(weights.astype(np.float32), offset.astype(np.float32))


def write(correction: MeshTo68, path: Path) -> None:
    """Write the map in the format of `MeshTo68.read`."""
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            weights=correction.weights.astype(np.float16),
            offset=correction.offset,
        )


def _mirrored(points: F32) -> F32:
    """Mirror points (n, 68, 2) given in coordinates of the eye corners."""
    return points[:, MIRROR] * np.array([-1, 1], np.float32)
