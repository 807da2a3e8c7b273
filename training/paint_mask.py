"""Synthetic face masks, drawn through the landmarks, worn correctly or incorrectly.

Like MaskTheFace, https://github.com/aqeelanwar/MaskTheFace, but drawn instead of warped from
templates: cloth of a random colour between nose and chin, with folds, straps and shading.
"""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.crops import JAW

Crop = NDArray[np.uint8]

# Positions in `training.crops.OUTLINE`.
_JAW = len(JAW)
_BRIDGE, _MID_NOSE, _LOW_NOSE, _TIP, _UNDER_NOSE, _LIPS, _UNDER_LIP, _RIGHT, _LEFT = range(
    _JAW, _JAW + 9
)
# Blue, white, black, gray, green, red, pink, sand (BGR); surgical blue and white are most common.
_CLOTHS = np.array(
    [
        *([(222, 190, 140)] * 4),
        *([(236, 234, 232)] * 4),
        *([(38, 36, 36)] * 3),
        *([(130, 128, 126)] * 1),
        *([(150, 175, 110)] * 1),
        *([(60, 50, 150)] * 1),
        *([(190, 160, 225)] * 1),
        *([(150, 190, 215)] * 1),
    ],
    np.float64,
)
_OVERSAMPLING = 3  # drawn larger and averaged down, for smooth edges


class Wear(Enum):
    """How a mask is worn."""

    WORN = "over the nose"
    BELOW_NOSE = "below the nose"
    CHIN = "on the chin"


def paint_mask(crop: Crop, outline: F32, wear: Wear, rng: np.random.Generator) -> Crop:
    """A copy of a crop with a mask painted on the face.

    Args:
        crop: (s, s, 1 or 3) uint8, a face without a mask.
        outline: (30, 2) mesh points `training.crops.OUTLINE` in crop pixels.
        wear: how the mask is worn.
        rng: random generator.
    """
    side, channels = crop.shape[0], crop.shape[2]
    edge = _edge(outline.astype(np.float64), wear, rng)
    cover = np.zeros((side * _OVERSAMPLING, side * _OVERSAMPLING), np.uint8)
    polygon = np.rint((edge + 0.5) * _OVERSAMPLING * 16).astype(np.int32)
    cv2.fillPoly(cover, [polygon], (255,), cv2.LINE_AA, 4)
    alpha = cv2.resize(cover, (side, side), interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    cloth = _cloth(crop, outline, edge, rng)
    painted = crop.astype(np.float64)
    if wear is not Wear.CHIN and rng.random() < 0.7:
        unstrapped = painted.copy()
        _straps(painted, outline, edge, rng)
        painted = unstrapped + (painted - unstrapped) * rng.uniform(0.2, 0.7)
    # A thin shadow on the skin along the edge.
    shadow = cv2.GaussianBlur(alpha, (0, 0), side / 40) * (1 - alpha) * rng.uniform(0, 0.5)
    painted *= (1 - shadow)[..., None]
    opacity = alpha[..., None]
    mixed = painted * (1 - opacity) + cloth * opacity
    result: Crop = np.clip(mixed, 0, 255).astype(np.uint8).reshape(side, side, channels)
    return result


def _edge(points: NDArray[np.float64], wear: Wear, rng: np.random.Generator) -> NDArray[np.float64]:
    """The mask's outline (k, 2): along the upper edge, then back below the chin."""
    jaw = points[:_JAW]
    up = points[_BRIDGE] - points[_UNDER_LIP]  # towards the brow
    if wear is Wear.WORN:
        first = int(rng.integers(1, 4))
        nose = _between(points[_MID_NOSE], points[_LOW_NOSE], rng.uniform(-0.6, 1.0))
        rise = rng.uniform(-0.05, 0.3)
        cheeks = [points[i] + (points[_LOW_NOSE] - points[_TIP]) * rise for i in (_RIGHT, _LEFT)]
        top = [jaw[first], cheeks[0] - 0.12 * up, nose, cheeks[1] - 0.12 * up, jaw[-1 - first]]
    elif wear is Wear.BELOW_NOSE:
        first = int(rng.integers(2, 5))
        middle = _between(points[_UNDER_NOSE], points[_LIPS], rng.uniform(0.0, 0.6))
        top = [jaw[first], middle, jaw[-1 - first]]
    else:
        first = int(rng.integers(4, 6))
        middle = _between(points[_UNDER_LIP], jaw[_JAW // 2], rng.uniform(0.0, 0.4))
        top = [jaw[first], middle, jaw[-1 - first]]
    smooth = _curve(np.array(top), 24)
    centre = points[_LIPS]
    grow = rng.uniform(1.05, 1.35) if wear is Wear.CHIN else rng.uniform(0.98, 1.12)
    low = centre + (jaw[first : _JAW - first] - centre) * grow
    edge = np.concatenate([smooth, low[::-1]])
    jitter: NDArray[np.float64] = edge + rng.normal(0, 0.004, edge.shape) * np.ptp(jaw[:, 0])
    return jitter


def _curve(points: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """A Catmull-Rom spline (count, 2) through the points."""
    ends = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    at = np.linspace(0, len(points) - 1 - 1e-9, count)
    i, t = at.astype(int), (at % 1)[:, None]
    a, b, c, d = (ends[i + k] for k in range(4))
    line: NDArray[np.float64] = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return line


def _cloth(
    crop: Crop, outline: F32, edge: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """The mask's texture over the whole crop, (s, s, c)."""
    side, channels = crop.shape[0], crop.shape[2]
    colour = np.clip(
        _CLOTHS[rng.integers(len(_CLOTHS))] + rng.normal(0, 14) + rng.normal(0, 9, 3), 8, 250
    )
    if rng.random() < 0.1:
        colour = rng.uniform(10, 245, 3)
    if channels == 1:
        colour = np.array([colour @ (0.114, 0.587, 0.299)])
    # Light: that of the scene, blurred from the face, then the mask's curvature and folds.
    gray = crop.astype(np.float64).mean(axis=2)
    light = cv2.GaussianBlur(gray, (0, 0), side / 7)
    level = float(np.median(gray))
    light = (light + 30) / (level + 30)
    scene = np.clip(0.55 + 0.45 * level / 140, 0.35, 1.15)
    y, x = np.mgrid[0:side, 0:side].astype(np.float64)
    middle = outline[[_UNDER_NOSE, _UNDER_LIP]].mean(axis=0)
    width = max(float(np.ptp(edge[:, 0])), 4.0)
    round_ = 1.06 - 0.35 * np.clip(np.abs(x - middle[0]) / width, 0, 1) ** 2
    folds = np.zeros_like(x)
    if rng.random() < 0.7:
        height = max(float(np.ptp(edge[:, 1])), 4.0)
        waves = rng.uniform(1.5, 3.5)
        bow = rng.uniform(-0.15, 0.25) * ((x - middle[0]) / width * 2) ** 2 * height
        phase = 2 * np.pi * (waves * (y + bow) / height + rng.random())
        folds = rng.uniform(0.02, 0.1) * np.sign(np.sin(phase)) * np.abs(np.sin(phase)) ** 0.5
    shade = np.clip(light ** rng.uniform(0.3, 0.9) * scene * round_ * (1 + folds), 0.2, 1.35)
    cloth = colour * shade[..., None]
    if rng.random() < 0.08:
        _print(cloth, middle, width, rng)
    grain: NDArray[np.float64] = cloth + rng.normal(0, rng.uniform(0.5, 4), (side, side, 1))
    return grain


def _print(
    cloth: NDArray[np.float64],
    middle: NDArray[np.float64] | F32,
    width: float,
    rng: np.random.Generator,
) -> None:
    """Print dots, stripes or a logo on the cloth, in place."""
    side = len(cloth)
    ink = tuple(float(rng.uniform(0, 250)) for _ in range(cloth.shape[2]))
    kind = rng.integers(3)
    if kind == 0:
        for _ in range(int(rng.integers(6, 30))):
            at = middle + rng.normal(0, width * 0.3, 2)
            cv2.circle(cloth, _pixel(at), int(rng.integers(1, max(2, side // 24) + 1)), ink, -1)
    elif kind == 1:
        step = int(rng.integers(3, max(5, side // 8)))
        for k in range(int(rng.integers(step)), side, step):
            cv2.line(cloth, (k, 0), (k + int(rng.integers(-8, 9)), side), ink, 1)
    else:
        at = middle + rng.normal(0, width * 0.12, 2)
        axes = (max(1, int(width * rng.uniform(0.05, 0.2))), max(1, int(width * 0.06)))
        cv2.ellipse(cloth, _pixel(at), axes, 0, 0, 360, ink, -1, cv2.LINE_AA)


def _straps(
    painted: NDArray[np.float64],
    outline: F32,
    edge: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Draw thin straps from the mask's sides towards the ears, in place."""
    level = rng.choice([30.0, 128.0, 225.0]) + rng.normal(0, 12)
    ink = (float(level),) * painted.shape[2]
    top = edge[0], edge[23]
    for ear, corner in ((outline[0], top[0]), (outline[_JAW - 1], top[1])):
        out = ear + (ear - outline[_UNDER_NOSE]) * 0.06
        cv2.line(painted, _pixel(corner), _pixel(out), ink, 1, cv2.LINE_AA)


def _between(a: NDArray[np.float64], b: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    point: NDArray[np.float64] = a + (b - a) * share
    return point


def _pixel(point: NDArray[np.float64] | F32) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
