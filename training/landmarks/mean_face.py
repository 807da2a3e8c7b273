"""The mean face by which head pose is solved, from the meshes of many faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.landmark.topology import MARKS

# Left-right partners within `Marks.rigid`.
_SWAP = np.array([3, 2, 1, 0, 4, 5, 6, 7, 12, 11, 10, 9, 8])
OUTER_EYES_CM = 8.9  # of a grown-up; only distances depend on it, no angle does
ROUNDS = 10


def mean_face(landmarks: F32) -> NDArray[np.float64]:
    """The mean of many faces' rigid points, brought onto each other by similarities.

    Generalised Procrustes analysis, https://doi.org/10.1007/BF02291478, in three dimensions.

    Args:
        landmarks: (n, 468, 3) of the mesh.

    Returns:
        (13, 3) centimetres, symmetric, in the order of `Marks.rigid`: x to the right of the
        picture, y down, z away from the camera, for a face that looks straight at it; the origin
        lies in the middle of the outer corners of the eyes.
    """
    faces = landmarks[:, MARKS[468].rigid].astype(np.float64)
    faces -= faces.mean(axis=1, keepdims=True)
    faces /= np.linalg.norm(faces, axis=(1, 2), keepdims=True)
    mean = faces.mean(axis=0)
    for _ in range(ROUNDS):
        mean /= np.linalg.norm(mean)
        u, _, vt = np.linalg.svd(np.swapaxes(faces, 1, 2) @ mean)
        turn = u @ vt
        turn[np.linalg.det(turn) < 0] *= -1  # cannot happen with a face, but a mirror is no turn
        mean = (faces @ turn).mean(axis=0)
        mean = (mean + mean[_SWAP] * (-1, 1, 1)) / 2
    # The mean picture's own tilt stays in its meshes' depths: over many photographs people look
    # about straight ahead, so that the average direction is taken as straight.
    mean -= (mean[0] + mean[3]) / 2
    scaled: NDArray[np.float64] = mean * (OUTER_EYES_CM / (mean[3, 0] - mean[0, 0]))
    return scaled
