"""Eyes closed by hand: the skin above each eye, with the lid's edge, is drawn down over it.

Pictures of the web hardly ever show closed eyes, and a mesh that never saw any counts no blinks.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32

Crop = NDArray[np.uint8]
Heights = NDArray[np.floating[Any]]
# MediaPipe's contours from the outer corner to the inner one, and the points of the lid's skin.
UPPER = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (263, 466, 388, 387, 386, 385, 384, 398, 362),
)
LOWER = ((33, 7, 163, 144, 145, 153, 154, 155, 133), (263, 249, 390, 373, 374, 380, 381, 382, 362))
STRETCHED = 0.4  # height of the skin that stretches, in widths of the eye
MIN_WIDTH_PX = 8.0  # narrower eyes stay open


def close_eyes(crop: Crop, points: F32, share: float) -> tuple[Crop, F32]:
    """Close both eyes of a face.

    Args:
        crop: (s, s, 3) uint8.
        points: (468, 3) float32, the mesh in pixels of the crop.
        share: how far the upper lids move towards the lower ones, 0 to 1.

    Returns:
        A picture and points of the same shapes; the arguments are left alone.
    """
    crop, points = crop.copy(), points.copy()
    for upper, lower in zip(UPPER, LOWER, strict=True):
        _close(crop, points, upper, lower, share)
    return crop, points


def _close(
    crop: Crop, points: F32, upper: tuple[int, ...], lower: tuple[int, ...], share: float
) -> None:
    """Close one eye, in place. Heights are measured across the line of its corners, downwards."""
    start, end = points[upper[0], :2].copy(), points[upper[-1], :2]
    width = float(np.linalg.norm(end - start))
    if width < MIN_WIDTH_PX:
        return
    along = (end - start) / width
    down = np.array([-along[1], along[0]], np.float32)
    if down[1] < 0:
        down = -down
    placed = (points[:, :2] - start) @ np.stack([along, down], axis=1)
    top, bottom = (_curve(placed[list(line)], width) for line in (upper, lower))
    skin = STRETCHED * width

    x, y = placed[:, 0], placed[:, 1]
    near = (x > 0) & (x < width)
    lid, low = np.interp(x, *top), np.interp(x, *bottom)
    moved = _lowered(y, lid, low, skin, share)
    moved[list(upper)] = (lid + share * np.maximum(low - lid, 0))[list(upper)]
    shift = np.where(near, moved - y, 0).astype(np.float32)

    # Each pixel of the region shows what lay where it came from.
    corners = start + np.array([[0, -1], [1, -1], [0, 1], [1, 1]]) * width @ np.stack([along, down])
    low_xy = np.clip(np.floor(corners.min(axis=0)), 0, len(crop) - 1).astype(int)
    high_xy = np.clip(np.ceil(corners.max(axis=0)) + 1, 1, len(crop)).astype(int)
    if (high_xy <= low_xy).any():
        return
    columns, rows = np.meshgrid(
        np.arange(low_xy[0], high_xy[0], dtype=np.float32),
        np.arange(low_xy[1], high_xy[1], dtype=np.float32),
    )
    across = (columns - start[0]) * along[0] + (rows - start[1]) * along[1]
    height = (columns - start[0]) * down[0] + (rows - start[1]) * down[1]
    lid, low = np.interp(across, *top), np.interp(across, *bottom)
    source = _raised(height, lid, low, skin, share)
    back = np.where((across > 0) & (across < width), source - height, 0).astype(np.float32)
    shown = cv2.remap(
        crop,
        columns + back * down[0],
        rows + back * down[1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    crop[low_xy[1] : high_xy[1], low_xy[0] : high_xy[0]] = shown
    points[:, :2] += shift[:, None] * down


def _curve(line: F32, width: float) -> tuple[F32, F32]:
    """The heights of a lid along the eye, ready for `numpy.interp`."""
    order = np.argsort(line[:, 0])
    x, y = line[order, 0], line[order, 1]
    return np.clip(x, 0, width), y


def _lowered(y: Heights, lid: Heights, low: Heights, skin: float, share: float) -> F32:
    """Where what lay at heights `y` lies when the lid has moved from `lid` towards `low`."""
    new = lid + share * np.maximum(low - lid, 0)
    above = lid - skin
    stretched = above + (y - above) * (new - above) / skin
    moved = np.where(y <= lid, stretched, np.maximum(y, new))
    return np.asarray(np.where((y > above) & (y < low), moved, y), np.float32)


def _raised(y: Heights, lid: Heights, low: Heights, skin: float, share: float) -> F32:
    """Where that lay which now lies at heights `y`: the inverse of `_lowered` above the lid."""
    new = lid + share * np.maximum(low - lid, 0)
    above = lid - skin
    source = above + (y - above) * skin / (new - above)
    return np.asarray(np.where((y > above) & (y < new), source, y), np.float32)
