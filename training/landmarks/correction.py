"""Learning the linear map from the mesh's points to the 68 as people label them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from realtime.core.faces import F32
from realtime.landmark.mesh68 import MeshTo68, to_eye_frame
from realtime.landmark.topology import mesh_as_68
from training.landmarks.faces import MIRROR

RIDGE = 0.01  # in squared eye distances, for each face


def learn(landmarks: F32, points: F32) -> MeshTo68:
    """The map that brings meshes nearest to labelled points, by ridge regression.

    Args:
        landmarks: (n, 468, 3) of the mesh.
        points: (n, 68, 2) of the same faces, in pixels of the same pictures.
    """
    mapped = mesh_as_68(landmarks)
    plain, wanted = to_eye_frame(mapped, mapped), to_eye_frame(points, mapped)
    # Their mirror images teach that left and right are alike.
    plain, wanted = (np.concatenate([p, _mirrored(p)]) for p in (plain, wanted))
    x = plain.reshape(len(plain), -1).astype(np.float64)
    y = (wanted - plain).reshape(len(plain), -1).astype(np.float64)
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    x, y = x - x_mean, y - y_mean
    # Scaled with the faces: twice as many say the same with twice the weight.
    penalty = RIDGE * len(x) / 4000 * np.eye(x.shape[1])
    weights = np.linalg.solve(x.T @ x + penalty, x.T @ y)
    offset = y_mean - x_mean @ weights
    return MeshTo68(weights.astype(np.float32), offset.astype(np.float32))


def write(correction: MeshTo68, path: Path) -> None:
    """Write the map as `MeshTo68.read` reads it."""
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            weights=correction.weights.astype(np.float16),
            offset=correction.offset,
        )


def _mirrored(points: F32) -> F32:
    """Points in the eyes' frame, of which x changes its sign."""
    return points[:, MIRROR] * np.array([-1, 1], np.float32)
