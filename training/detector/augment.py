"""Augmentation of views: painted masks, occlusion, lighting, blur, noise and JPEG artefacts."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.augment import Augment, add_noise, coarsen, light_table, motion_kernel
from training.detector.drawings import draw
from training.detector.views import View
from training.paint_mask import Wear, paint_mask

Picture = NDArray[np.uint8]
_LIGHT = Augment(gamma=0.35, contrast=0.25, brightness=18.0, tint=0.1)
MASKED_PX = (20, 130)  # size of faces that get a painted mask: visible, and quick to paint


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewAugment:
    """Probability of each augmentation."""

    p_mask: float = 0.35
    p_occlude: float = 0.45
    p_draw: float = 0.25
    p_light: float = 0.7
    p_gray: float = 0.12
    p_downscale: float = 0.15
    p_blur: float = 0.15
    p_motion: float = 0.07
    p_noise: float = 0.12
    p_jpeg: float = 0.2


def augment_view(
    view: View, other: Picture, options: ViewAugment, rng: np.random.Generator
) -> Picture:
    """An augmented copy of the view's picture; faces keep their position.

    Args:
        view: the view to augment.
        other: another picture (h, w, 3); patches of it may occlude faces.
        options: probability of each augmentation.
        rng: random generator.
    """
    picture = view.picture.copy()
    mask, occlude, light, gray, downscale, blur, motion, noise, jpeg, drawn = rng.random(10)
    if mask < options.p_mask:
        _paint_mask(picture, view.outline, rng)
    if occlude < options.p_occlude:
        _occlude(picture, view.xyxy[view.valid], other, rng)
    if drawn < options.p_draw:
        draw(picture, view.xyxy, rng)
    if light < options.p_light:
        picture = np.asarray(cv2.LUT(picture, light_table(3, _LIGHT, rng)), np.uint8)
    if gray < options.p_gray:
        picture[:] = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[..., None]
    if downscale < options.p_downscale:
        picture = coarsen(picture, rng.uniform(0.5, 0.9))
    if blur < options.p_blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.2)), np.uint8)
    if motion < options.p_motion:
        kernel = motion_kernel(rng.uniform(2, 6), rng.uniform(0, np.pi))
        picture = np.asarray(cv2.filter2D(picture, -1, kernel), np.uint8)
    if noise < options.p_noise:
        picture = add_noise(picture, rng.uniform(1, 9), rng)
    if jpeg < options.p_jpeg:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))]
        encoded = cv2.imencode(".jpg", picture, quality)[1]
        picture = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return picture


def _paint_mask(picture: Picture, outlines: F32, rng: np.random.Generator) -> None:
    """Paint a mask, in place, on one face whose known outline lies inside the picture."""
    side = np.ptp(outlines, axis=1).max(axis=1) if len(outlines) else np.zeros(0)
    inside = ((outlines >= 0) & (outlines < len(picture))).all(axis=(1, 2))
    candidates = np.flatnonzero(inside & (side >= MASKED_PX[0]) & (side <= MASKED_PX[1]))
    if not len(candidates):
        return
    outline = outlines[rng.choice(candidates)]
    centre, extent = outline.mean(axis=0), float(np.ptp(outline, axis=0).max())
    # paint_mask expects a square crop with the whole head in it.
    square = min(int(extent * 1.8) + 2, min(picture.shape[:2]))
    limit = np.array(picture.shape[1::-1]) - square
    x, y = np.clip((centre - square / 2).astype(int), 0, limit)
    crop = picture[y : y + square, x : x + square]
    wear = Wear.WORN if rng.random() < 0.8 else Wear.BELOW_NOSE
    crop[:] = paint_mask(crop.copy(), outline - np.array([x, y], np.float32), wear, rng)


def _occlude(picture: Picture, xyxy: F32, other: Picture, rng: np.random.Generator) -> None:
    """Cover part of up to three faces, in place, with a plain colour or a patch of `other`."""
    height, width = picture.shape[:2]
    for x0, y0, x1, y1 in rng.permutation(xyxy)[:3]:
        w, h = (x1 - x0) * rng.uniform(0.3, 1.0), (y1 - y0) * rng.uniform(0.2, 0.8)
        # Off centre, because a face that is hidden completely cannot be detected.
        angle = rng.uniform(0, 2 * np.pi)
        x = (x0 + x1) / 2 + np.cos(angle) * (x1 - x0) * 0.45
        y = (y0 + y1) / 2 + np.sin(angle) * (y1 - y0) * 0.45
        left, right = (int(np.clip(v, 0, width)) for v in (x - w / 2, x + w / 2))
        top, bottom = (int(np.clip(v, 0, height)) for v in (y - h / 2, y + h / 2))
        patch = picture[top:bottom, left:right]
        if rng.random() < 0.5:
            patch[:] = rng.integers(0, 256, 3)
        elif other.shape[0] > patch.shape[0] and other.shape[1] > patch.shape[1]:
            row = int(rng.integers(other.shape[0] - patch.shape[0]))
            column = int(rng.integers(other.shape[1] - patch.shape[1]))
            patch[:] = other[row : row + patch.shape[0], column : column + patch.shape[1]]
