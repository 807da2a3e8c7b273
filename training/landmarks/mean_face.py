"""The mean face used to estimate head pose, from the meshes of many faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.core.landmarks import MESH468

# Index of the mirror image of each point of `Marks.rigid`.
_SWAP = np.array([3, 2, 1, 0, 4, 5, 6, 7, 12, 11, 10, 9, 8])
OUTER_EYES_CM = 8.9  # of adults; it scales distances and does not affect angles
ROUNDS = 10


def mean_face(landmarks: F32) -> NDArray[np.float64]:
    """The mean of the rigid points of many faces, aligned by similarity transforms.

    Generalised Procrustes analysis, https://doi.org/10.1007/BF02291478, in three dimensions.

    Args:
        landmarks: (n, 468, 3) meshes.

    Returns:
        (13, 3) centimetres, symmetric, in the order of `Marks.rigid`, for a face that looks
        straight at the camera: x to the right of the picture, y down, z away from the camera. The
        origin is halfway between the outer eye corners.
    """
    faces = landmarks[:, MESH468.measured.rigid].astype(np.float64)
    faces -= faces.mean(axis=1, keepdims=True)
    faces /= np.linalg.norm(faces, axis=(1, 2), keepdims=True)
    mean = faces.mean(axis=0)
    for _ in range(ROUNDS):
        mean /= np.linalg.norm(mean)
        u, _, vt = np.linalg.svd(np.swapaxes(faces, 1, 2) @ mean)
        turn = u @ vt
        turn[np.linalg.det(turn) < 0] *= -1  # keep rotations proper, without reflection
        mean = (faces @ turn).mean(axis=0)
        mean = (mean + mean[_SWAP] * (-1, 1, 1)) / 2
    # The mean direction of the faces counts as straight ahead: over many photographs, people look
    # at the camera on average.
    mean -= (mean[0] + mean[3]) / 2
    scaled: NDArray[np.float64] = mean * (OUTER_EYES_CM / (mean[3, 0] - mean[0, 0]))
    return scaled
