"""What happens to a view: things before faces, painted masks, light, blur, grain, coding."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.augment import Augment, add_noise, coarsen, light_table, motion_kernel
from training.detector.views import View
from training.paint_mask import Wear, paint_mask

Picture = NDArray[np.uint8]
_LIGHT = Augment(gamma=0.35, contrast=0.25, brightness=18.0, tint=0.1)
PAINTED_PX = (20, 130)  # sides of faces that get a mask: not lost in it, and quick to paint


@dataclass(frozen=True, slots=True)
class Change:
    """How often a view is changed so."""

    p_mask: float = 0.35
    p_cover: float = 0.3
    p_light: float = 0.7
    p_gray: float = 0.12
    p_coarse: float = 0.15
    p_blur: float = 0.15
    p_motion: float = 0.07
    p_noise: float = 0.12
    p_jpeg: float = 0.2


def changed(view: View, other: Picture, change: Change, rng: np.random.Generator) -> Picture:
    """A changed copy of the view's picture; its faces stay where they are.

    Args:
        view: what is changed.
        other: another picture, of which pieces may come before faces.
        change: how often.
        rng: the source of chance.
    """
    picture = view.picture.copy()
    mask, cover, light, gray, coarse, blur, motion, noise, jpeg = rng.random(9)
    if mask < change.p_mask:
        _wear(picture, view.outline, rng)
    if cover < change.p_cover:
        _hide(picture, view.xyxy[view.learned], other, rng)
    if light < change.p_light:
        picture = np.asarray(cv2.LUT(picture, light_table(3, _LIGHT, rng)), np.uint8)
    if gray < change.p_gray:
        picture[:] = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[..., None]
    if coarse < change.p_coarse:
        picture = coarsen(picture, rng.uniform(0.5, 0.9))
    if blur < change.p_blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.2)), np.uint8)
    if motion < change.p_motion:
        kernel = motion_kernel(rng.uniform(2, 6), rng.uniform(0, np.pi))
        picture = np.asarray(cv2.filter2D(picture, -1, kernel), np.uint8)
    if noise < change.p_noise:
        picture = add_noise(picture, rng.uniform(1, 9), rng)
    if jpeg < change.p_jpeg:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))]
        packed = cv2.imencode(".jpg", picture, quality)[1]
        picture = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return picture


def _wear(picture: Picture, outlines: F32, rng: np.random.Generator) -> None:
    """Paint a mask on one face whose outline is known and whole within the picture, in place."""
    side = np.ptp(outlines, axis=1).max(axis=1) if len(outlines) else np.zeros(0)
    inside = ((outlines >= 0) & (outlines < len(picture))).all(axis=(1, 2))
    able = np.flatnonzero(inside & (side >= PAINTED_PX[0]) & (side <= PAINTED_PX[1]))
    if not len(able):
        return
    outline = outlines[rng.choice(able)]
    centre, reach = outline.mean(axis=0), float(np.ptp(outline, axis=0).max())
    # The painter takes a square with the whole head in it.
    square = min(int(reach * 1.8) + 2, min(picture.shape[:2]))
    limit = np.array(picture.shape[1::-1]) - square
    x, y = np.clip((centre - square / 2).astype(int), 0, limit)
    crop = picture[y : y + square, x : x + square]
    wear = Wear.WORN if rng.random() < 0.8 else Wear.BELOW_NOSE
    crop[:] = paint_mask(crop.copy(), outline - np.array([x, y], np.float32), wear, rng)


def _hide(picture: Picture, xyxy: F32, other: Picture, rng: np.random.Generator) -> None:
    """Lay something over a part of up to two faces, in place: plain, or a piece of `other`."""
    height, width = picture.shape[:2]
    for x0, y0, x1, y1 in rng.permutation(xyxy)[:2]:
        w, h = (x1 - x0) * rng.uniform(0.3, 0.9), (y1 - y0) * rng.uniform(0.2, 0.5)
        # Beside, below or above the middle: a face of which nothing shows is none.
        angle = rng.uniform(0, 2 * np.pi)
        x = (x0 + x1) / 2 + np.cos(angle) * (x1 - x0) * 0.45
        y = (y0 + y1) / 2 + np.sin(angle) * (y1 - y0) * 0.45
        left, right = (int(np.clip(v, 0, width)) for v in (x - w / 2, x + w / 2))
        top, bottom = (int(np.clip(v, 0, height)) for v in (y - h / 2, y + h / 2))
        patch = picture[top:bottom, left:right]
        if rng.random() < 0.5:
            patch[:] = rng.integers(0, 256, 3)
        elif other.shape[0] > patch.shape[0] and other.shape[1] > patch.shape[1]:
            up = int(rng.integers(other.shape[0] - patch.shape[0]))
            along = int(rng.integers(other.shape[1] - patch.shape[1]))
            patch[:] = other[up : up + patch.shape[0], along : along + patch.shape[1]]
