"""Random views of an example: scaled to a random face size, rotated and mirrored."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from training.detector.examples import HARD_FACES, Example

MIN_FACE_PX = 9.0  # in the view; smaller faces are ignored in training
MAX_UPSCALE = 2.0
MIN_COVERAGE = 0.6  # smallest picture, as a fraction of the scale that fills the view
MIN_VISIBLE = 0.5  # fraction of a face's box that must lie inside the view, else it is ignored
P_TURNED, MAX_TURN_DEG = 0.25, 50.0  # heads of people who lie, lean or play
_MIRRORED = [1, 0, 2, 4, 3]  # order of the five points after mirroring


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One training picture and its labels; arrays as in `Example`."""

    picture: NDArray[np.uint8]
    xyxy: F32
    valid: NDArray[np.bool_]
    points: F32
    outline: F32


def random_view(example: Example, size_wh: tuple[int, int], rng: np.random.Generator) -> View:
    """A view of one example that shows one of its faces at a random size."""
    return transformed_view(example, size_wh, *_matrix(example, size_wh, rng), rng)


def mosaic(
    examples: list[Example], side_px: int, rng: np.random.Generator, *, spread: float = 0.2
) -> View:
    """Four views in one square, for a greater variety of face sizes and backgrounds.

    Mosaic augmentation as in YOLOv4, https://arxiv.org/abs/2004.10934.
    """
    cut_x, cut_y = (rng.uniform(0.5 - spread, 0.5 + spread, 2) * side_px).astype(int)
    picture = np.empty((side_px, side_px, 3), np.uint8)
    parts = []
    corners = [(0, 0), (cut_x, 0), (0, cut_y), (cut_x, cut_y)]
    for example, (x, y) in zip(examples, corners, strict=True):
        width = cut_x if x == 0 else side_px - cut_x
        height = cut_y if y == 0 else side_px - cut_y
        view = random_view(example, (int(width), int(height)), rng)
        picture[y : y + height, x : x + width] = view.picture
        shift = np.array([x, y], np.float32)
        parts.append(
            View(
                view.picture,
                view.xyxy + np.tile(shift, 2),
                view.valid,
                view.points + shift,
                view.outline + shift,
            )
        )
    return View(
        picture,
        np.concatenate([part.xyxy for part in parts]),
        np.concatenate([part.valid for part in parts]),
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.outline for part in parts]),
    )


def transformed_view(
    example: Example,
    size_wh: tuple[int, int],
    matrix: NDArray[np.float64],
    mirrored: bool,
    rng: np.random.Generator,
) -> View:
    """Warp an example into a view.

    Args:
        example: the example.
        size_wh: size of the view in pixels.
        matrix: (2, 3) affine map from pixels of the example to pixels of the view.
        mirrored: whether the map includes a reflection.
        rng: random generator for border colour and interpolation.
    """
    picture = _warp(example.picture, matrix, size_wh, rng)
    linear, offset = matrix[:, :2], matrix[:, 2]
    centre = (example.xyxy[:, :2] + example.xyxy[:, 2:]) / 2 @ linear.T + offset
    # Extent of the mapped ellipse that fills the box, as a head does.
    half = np.sqrt(((example.xyxy[:, 2:] - example.xyxy[:, :2]) / 2) ** 2 @ (linear**2).T)
    whole = np.concatenate([centre - half, centre + half], axis=1)
    edge = np.array(size_wh, np.float64)
    xyxy = np.clip(whole, 0, np.tile(edge, 2))
    area = np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1)
    visible = area / np.maximum(np.prod(2 * half, axis=1), 1e-6)
    inside = area > 4
    large = (xyxy[:, 2:] - xyxy[:, :2]).min(axis=1, initial=np.inf) >= MIN_FACE_PX
    valid = example.valid & (visible >= MIN_VISIBLE) & large
    points, outline = (p @ linear.T + offset for p in (example.points, example.outline))
    if mirrored:
        points = points[:, _MIRRORED]
        outline = np.full_like(outline, np.nan)  # paint_mask needs unmirrored outlines
    return View(
        picture,
        xyxy[inside].astype(np.float32),
        valid[inside],
        points[inside].astype(np.float32),
        outline[inside].astype(np.float32),
    )


def _matrix(
    example: Example, size_wh: tuple[int, int], rng: np.random.Generator
) -> tuple[NDArray[np.float64], bool]:
    """The affine map (2, 3) of a random view, and whether it mirrors."""
    height, width = example.picture.shape[:2]
    fit = max(size_wh[0] / width, size_wh[1] / height)
    sides = np.sqrt(np.prod(example.xyxy[:, 2:] - example.xyxy[:, :2], axis=1))
    candidates = np.flatnonzero(example.valid)
    if len(candidates):
        # Prefer large faces: rare in these scenes, but as common as small ones on a webcam.
        weight = sides[candidates] ** 0.5 * np.where(example.hard[candidates], HARD_FACES, 1.0)
        face = int(rng.choice(candidates, p=weight / weight.sum()))
        x0, y0, x1, y1 = example.xyxy[face]
        centre = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        target_px = np.exp(rng.uniform(np.log(MIN_FACE_PX * 1.1), np.log(1.05 * min(size_wh))))
        scale = float(np.clip(target_px / sides[face], MIN_COVERAGE * fit, max(MAX_UPSCALE, fit)))
        inner = min(0.45, 0.5 * sides[face] * scale / min(size_wh))
        at = rng.uniform(inner, 1 - inner, 2) * size_wh
    else:
        centre = rng.uniform(0.3, 0.7, 2) * (width, height)
        scale = float(fit * np.exp(rng.uniform(np.log(0.7), np.log(2.5))))
        at = np.array(size_wh) / 2
    turned = rng.random() < P_TURNED
    angle = np.deg2rad(rng.uniform(-MAX_TURN_DEG, MAX_TURN_DEG) if turned else rng.normal(0, 7))
    stretch = np.exp(rng.normal(0, 0.06))
    mirrored = bool(rng.random() < 0.5)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    flip = -1.0 if mirrored else 1.0
    linear = np.array([[cos * flip * stretch, -sin], [sin * flip, cos / stretch]])
    offset = _cover_view(linear, at - linear @ centre, (width, height), size_wh)
    return np.concatenate([linear, offset[:, None]], axis=1), mirrored


def _cover_view(
    linear: NDArray[np.float64],
    offset: NDArray[np.float64],
    from_wh: tuple[int, int],
    to_wh: tuple[int, int],
) -> NDArray[np.float64]:
    """Shift the offset so that the picture covers the view, where it is large enough."""
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * from_wh @ linear.T + offset
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = np.minimum(-low, high - to_wh)  # negative where a border is visible on one side
    move = np.where(low > 0, -low, np.where(high < to_wh, to_wh - high, 0.0))
    movable = (high - low >= to_wh) & (room < 0)
    moved: NDArray[np.float64] = offset + np.where(movable, move, 0.0)
    return moved


def _warp(
    picture: Frame,
    matrix: NDArray[np.float64],
    size_wh: tuple[int, int],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Warp the picture, area-averaging it first where bilinear sampling would skip pixels."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    factor = int(0.7 / scale)
    if factor > 1:
        small = (max(1, picture.shape[1] // factor), max(1, picture.shape[0] // factor))
        ratio = picture.shape[1] / small[0], picture.shape[0] / small[1]
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ np.array([[ratio[0], 0, 0], [0, ratio[1], 0], [0, 0, 1]])
    border = float(rng.choice([0.0, 114.0, rng.uniform(0, 255)]))
    interpolation = cv2.INTER_CUBIC if scale > 1 and rng.random() < 0.5 else cv2.INTER_LINEAR
    warped = cv2.warpAffine(
        picture, matrix, size_wh, flags=interpolation, borderMode=cv2.BORDER_CONSTANT,
        borderValue=(border, border, border),
    )  # fmt: skip
    return np.asarray(warped, np.uint8)
