"""Upright crops of a standard size and framing, aligned by five points of each face.

Training and the live path both cut their crops here, so a network sees live what it was trained on.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32, Frame

# Two eye centres, nose tip, two mouth corners, as fractions of the crop at zoom 1: the median
# framing of FER-2013's faces, made symmetric, so that its 48 px pictures are used almost whole.
TEMPLATE = np.array(
    [[0.313, 0.381], [0.687, 0.381], [0.5, 0.614], [0.35, 0.757], [0.65, 0.757]], np.float32
)


def crop_matrices(points: F32, side_px: int, *, zoom: float = 1.0) -> F32:
    """The similarity maps that bring five points closest to the template (least squares).

    Args:
        points: (n, 5, 2) in pixels of the frame, see `realtime.core.landmarks.Landmarks.five`.
        side_px: side of the square crop.
        zoom: over 1 shows the face larger, under 1 shows more around it.

    Returns:
        (n, 2, 3) float32, from pixels of the frame to pixels of the crop.
    """
    target = ((TEMPLATE - 0.5) * zoom + 0.5) * side_px
    # Points as complex numbers: a similarity without reflection is q = a * p + b.
    p = points[..., 0] + 1j * points[..., 1]
    q = target[:, 0] + 1j * target[:, 1]
    p_mean, q_mean = p.mean(axis=1, keepdims=True), q.mean()
    spread = np.maximum((np.abs(p - p_mean) ** 2).sum(axis=1), 1e-6)
    a = (np.conj(p - p_mean) * (q - q_mean)).sum(axis=1) / spread
    b = q_mean - a * p_mean[:, 0]
    matrices = np.empty((len(points), 2, 3), np.float32)
    matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 0, 2] = a.real, -a.imag, b.real
    matrices[:, 1, 0], matrices[:, 1, 1], matrices[:, 1, 2] = a.imag, a.real, b.imag
    return matrices


def cut_crops(frame_bgr: Frame, matrices: F32, side_px: int) -> NDArray[np.uint8]:
    """The crops of all faces: (n, side_px, side_px, 3) uint8 BGR.

    A face much larger than the crop is downsampled by area first: bilinear sampling alone skips
    pixels and gives the network grain that it never saw in training.
    """
    crops = np.empty((len(matrices), side_px, side_px, 3), np.uint8)
    for matrix, out in zip(matrices, crops, strict=True):
        oversize = min(4, int(1 / max(np.hypot(matrix[0, 0], matrix[1, 0]), 0.25)))
        side = side_px * max(1, oversize)
        crop = cv2.warpAffine(
            frame_bgr,
            matrix * (side / side_px),
            (side, side),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        out[:] = (
            crop
            if side == side_px
            else cv2.resize(crop, (side_px, side_px), interpolation=cv2.INTER_AREA)
        )
    return crops
