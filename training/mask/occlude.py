"""Occlusions other than masks, painted over the mouth, as hard negatives for the mask network.

Drawn on aligned crops with a margin, in which the face is centred and upright.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.landmark.align import TEMPLATE

Crop = NDArray[np.uint8]


def occlude(crop: Crop, other: Crop, zoom: float, rng: np.random.Generator) -> Crop:
    """A copy of a crop with a random occlusion of the mouth; the face still has no mask.

    Args:
        crop: (s, s, 3) uint8 BGR, a face without a mask.
        other: another crop of the same shape; a patch of it may be copied.
        zoom: the crops' framing, see `realtime.landmark.align`.
        rng: random generator.
    """
    kind = rng.choice(5, p=[0.35, 0.15, 0.15, 0.2, 0.15])
    painted = crop.copy()
    points = ((TEMPLATE - 0.5) * zoom + 0.5) * len(crop)
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    reach = float(mouth[1] - eyes[1])  # from the eyes to the mouth
    if kind == 0:
        _hand(painted, mouth, reach, _skin(crop, points), rng)
    elif kind == 1:
        _object(painted, mouth, reach, rng)
    elif kind == 2:
        _patch(painted, other, mouth, reach, rng)
    elif kind == 3:
        painted = _beard(crop, mouth, reach, rng)
    else:
        painted = _scarf(crop, mouth, reach, rng)
    return painted


def _skin(crop: Crop, points: NDArray[np.float32]) -> NDArray[np.float64]:
    """The skin colour, from between the nose and each corner of the mouth."""
    cheeks = (points[2] + points[3:]) / 2
    patches = [crop[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3] for x, y in cheeks]
    middle: NDArray[np.float64] = np.median(np.concatenate(patches).reshape(-1, 3), axis=0)
    return middle


def _hand(
    crop: Crop,
    mouth: NDArray[np.float32],
    reach: float,
    skin: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Draw two to five parallel fingers of slightly different brightness, with dark seams."""
    colour = np.clip(skin * np.exp(rng.normal(0, 0.12)) + rng.normal(0, 6, 3), 0, 255)
    along = rng.uniform(0, np.pi)
    direction = np.array([np.cos(along), np.sin(along)])
    across = np.array([-direction[1], direction[0]])
    width = reach * rng.uniform(0.28, 0.5)
    count = int(rng.integers(2, 6))
    start = mouth + rng.normal(0, reach * 0.25, 2) - across * width * (count - 1) / 2
    if rng.random() < 0.5:
        palm = start + across * width * (count - 1) / 2 + direction * reach * rng.uniform(0.8, 1.4)
        axes = (int(reach * 0.8), int(reach * 0.7))
        cv2.ellipse(crop, _pixel(palm), axes, 0, 0, 360, _colour(colour * 0.95), -1, cv2.LINE_AA)
    for i in range(count):
        middle = start + across * width * i
        tip = middle - direction * reach * rng.uniform(0.5, 1.1)
        root = middle + direction * reach * rng.uniform(0.7, 1.5)
        thick = max(2, round(width))
        shade = colour * rng.uniform(0.55, 0.8)
        tone = colour * rng.uniform(0.88, 1.1)
        cv2.line(crop, _pixel(tip), _pixel(root), _colour(shade), thick, cv2.LINE_AA)
        cv2.line(crop, _pixel(tip), _pixel(root), _colour(tone), max(1, thick - 1), cv2.LINE_AA)


def _object(crop: Crop, mouth: NDArray[np.float32], reach: float, rng: np.random.Generator) -> None:
    """Draw a narrow uniform object in front of the mouth, like a microphone, cup or telephone."""
    size = (reach * rng.uniform(0.25, 0.8), reach * rng.uniform(1.2, 3.0))
    centre = mouth + rng.normal(0, reach * 0.3, 2)
    centre[1] += reach * rng.uniform(0, 0.8)
    middle = (float(centre[0]), float(centre[1]))
    box = cv2.boxPoints((middle, size, float(rng.normal(0, 35))))
    colour = rng.integers(0, 256, 3) if rng.random() < 0.6 else np.full(3, rng.integers(0, 70))
    cv2.fillConvexPoly(crop, np.round(box).astype(np.int32), _colour(colour), cv2.LINE_AA)


def _patch(
    crop: Crop, other: Crop, mouth: NDArray[np.float32], reach: float, rng: np.random.Generator
) -> None:
    """Copy a patch of another picture onto a part of the lower face."""
    w, h = (reach * rng.uniform(0.7, 1.8, 2)).astype(int)
    centre = mouth + rng.normal(0, reach * 0.5, 2)
    side = len(crop)
    x = int(np.clip(centre[0] - w / 2, 0, side - w))
    y = int(np.clip(centre[1] - h / 3, 0, side - h))
    from_y, from_x = rng.integers(0, side - h + 1), rng.integers(0, side - w + 1)
    crop[y : y + h, x : x + w] = other[from_y : from_y + h, from_x : from_x + w]


def _beard(crop: Crop, mouth: NDArray[np.float32], reach: float, rng: np.random.Generator) -> Crop:
    """Draw a beard around the mouth and over the chin; the lips stay visible."""
    side = len(crop)
    cover = np.zeros((side, side), np.float32)
    chin = mouth + np.array([0, reach * 0.35])
    axes = (int(reach * rng.uniform(0.75, 1.0)), int(reach * rng.uniform(0.55, 0.9)))
    cv2.ellipse(cover, _pixel(chin), axes, 0, 0, 360, (1.0,), -1)
    lips = (max(1, int(reach * rng.uniform(0.3, 0.45))), max(1, int(reach * 0.14)))
    cv2.ellipse(cover, _pixel(mouth), lips, 0, 0, 360, (0.0,), -1)
    cover[: int(mouth[1] - reach * rng.uniform(0.15, 0.35))] = 0
    cover = cv2.GaussianBlur(cover, (0, 0), side / 40) * rng.uniform(0.5, 0.95)
    hair = np.array([1, 1.05, 1.15]) * rng.uniform(10, 190) ** rng.uniform(0.7, 1)
    grain = rng.normal(0, 14, (side, side, 1)) + hair
    mixed = crop * (1 - cover[..., None]) + grain * cover[..., None]
    painted: Crop = np.clip(mixed, 0, 255).astype(np.uint8)
    return painted


def _scarf(crop: Crop, mouth: NDArray[np.float32], reach: float, rng: np.random.Generator) -> Crop:
    """Draw a scarf up to the chin or the mouth, over the whole width of the crop."""
    side = len(crop)
    x = np.linspace(0, side - 1, 9)
    top = mouth[1] + reach * rng.uniform(-0.35, 0.55)
    hang = reach * rng.uniform(-0.3, 0.6) * ((x - mouth[0]) / (side / 2)) ** 2
    edge = np.stack([x, top + hang + rng.normal(0, reach * 0.06, 9)], axis=1)
    polygon = np.concatenate([edge, [[side, side], [0, side]]])
    cover = np.zeros((side, side), np.uint8)
    cv2.fillPoly(cover, [np.rint(polygon * 16).astype(np.int32)], (255,), cv2.LINE_AA, 4)
    alpha = cover[..., None] / 255
    colour = rng.uniform(15, 235, 3) if rng.random() < 0.6 else np.full(3, rng.uniform(15, 220))
    # Folds: soft, slightly curved stripes in one direction.
    across = rng.uniform(-1, 1)
    v, u = np.mgrid[0:side, 0:side] / side
    phase = 2 * np.pi * rng.uniform(2, 6) * (v + across * u + 0.15 * np.sin(5 * u + rng.random()))
    shade = 0.85 + rng.uniform(0.05, 0.25) * np.sin(phase) + 0.25 * (v - 0.7)
    cloth = colour * shade[..., None] + rng.normal(0, 5, (side, side, 1))
    painted: Crop = np.clip(crop * (1 - alpha) + cloth * alpha, 0, 255).astype(np.uint8)
    return painted


def _pixel(point: NDArray[np.float64] | NDArray[np.float32]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _colour(bgr: NDArray[np.float64] | NDArray[np.int64]) -> tuple[float, float, float]:
    b, g, r = np.clip(bgr, 0, 255)
    return float(b), float(g), float(r)
