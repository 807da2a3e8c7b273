"""A square view of an example: scaled so that a face has the wanted size, turned and mirrored."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from training.detector.examples import Example

LEAST_FACE_PX = 9.0  # of the view; what is smaller is neither face nor background
MOST_ENLARGED = 2.0
LEAST_COVERED = 0.6  # a view shows a picture no smaller than this share of what would fill it
VISIBLE = 0.5  # of a face's box must lie within the view, else it is not to be learned
_MIRRORED = [1, 0, 2, 4, 3]  # of the five points


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What the network is shown, and what it is to answer; arrays as of an `Example`."""

    picture: NDArray[np.uint8]
    xyxy: F32
    learned: NDArray[np.bool_]
    points: F32
    outline: F32


def look(example: Example, size_wh: tuple[int, int], rng: np.random.Generator) -> View:
    """A view of one example with one of its faces in it, of a size drawn at random."""
    return transformed(example, size_wh, *_matrix(example, size_wh, rng), rng)


def mosaic(
    examples: list[Example], side_px: int, rng: np.random.Generator, *, spread: float = 0.2
) -> View:
    """Four views that share a square: faces of more sizes, before more backgrounds.

    Mosaic augmentation: YOLOv4, https://arxiv.org/abs/2004.10934.
    """
    cut_x, cut_y = (rng.uniform(0.5 - spread, 0.5 + spread, 2) * side_px).astype(int)
    picture = np.empty((side_px, side_px, 3), np.uint8)
    parts = []
    corners = [(0, 0), (cut_x, 0), (0, cut_y), (cut_x, cut_y)]
    for example, (x, y) in zip(examples, corners, strict=True):
        width = cut_x if x == 0 else side_px - cut_x
        height = cut_y if y == 0 else side_px - cut_y
        view = look(example, (int(width), int(height)), rng)
        picture[y : y + height, x : x + width] = view.picture
        shift = np.array([x, y], np.float32)
        parts.append(
            View(
                view.picture,
                view.xyxy + np.tile(shift, 2),
                view.learned,
                view.points + shift,
                view.outline + shift,
            )
        )
    return View(
        picture,
        np.concatenate([part.xyxy for part in parts]),
        np.concatenate([part.learned for part in parts]),
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.outline for part in parts]),
    )


def transformed(
    example: Example,
    size_wh: tuple[int, int],
    matrix: NDArray[np.float64],
    mirrored: bool,
    rng: np.random.Generator,
) -> View:
    """The example through a (2, 3) map from its pixels to the view's."""
    picture = _warp(example.picture, matrix, size_wh, rng)
    linear, offset = matrix[:, :2], matrix[:, 2]
    centre = (example.xyxy[:, :2] + example.xyxy[:, 2:]) / 2 @ linear.T + offset
    # A face is about as wide when it is turned a little: its box keeps its sides.
    scale = np.hypot(linear[0], linear[1])
    half = (example.xyxy[:, 2:] - example.xyxy[:, :2]) / 2 * scale
    whole = np.concatenate([centre - half, centre + half], axis=1)
    edge = np.array(size_wh, np.float64)
    xyxy = np.clip(whole, 0, np.tile(edge, 2))
    area = np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1)
    visible = area / np.maximum(np.prod(2 * half, axis=1), 1e-6)
    seen = area > 4
    large = (xyxy[:, 2:] - xyxy[:, :2]).min(axis=1, initial=np.inf) >= LEAST_FACE_PX
    learned = example.learned & (visible >= VISIBLE) & large
    points, outline = (p @ linear.T + offset for p in (example.points, example.outline))
    if mirrored:
        points = points[:, _MIRRORED]
        outline = np.full_like(outline, np.nan)  # the mask painter knows right from left
    return View(
        picture,
        xyxy[seen].astype(np.float32),
        learned[seen],
        points[seen].astype(np.float32),
        outline[seen].astype(np.float32),
    )


def _matrix(
    example: Example, size_wh: tuple[int, int], rng: np.random.Generator
) -> tuple[NDArray[np.float64], bool]:
    """The map of a random view, and whether it mirrors."""
    height, width = example.picture.shape[:2]
    fit = max(size_wh[0] / width, size_wh[1] / height)
    sides = np.sqrt(np.prod(example.xyxy[:, 2:] - example.xyxy[:, :2], axis=1))
    able = np.flatnonzero(example.learned)
    if len(able):
        # Large faces are rarer than small ones in these scenes and as common in front of a camera.
        weight = sides[able] ** 0.5
        face = int(rng.choice(able, p=weight / weight.sum()))
        x0, y0, x1, y1 = example.xyxy[face]
        about = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        wanted = np.exp(rng.uniform(np.log(LEAST_FACE_PX * 1.1), np.log(1.05 * min(size_wh))))
        scale = float(np.clip(wanted / sides[face], LEAST_COVERED * fit, max(MOST_ENLARGED, fit)))
        inner = min(0.45, 0.5 * sides[face] * scale / min(size_wh))
        at = rng.uniform(inner, 1 - inner, 2) * size_wh
    else:
        about = rng.uniform(0.3, 0.7, 2) * (width, height)
        scale = float(fit * np.exp(rng.uniform(np.log(0.7), np.log(2.5))))
        at = np.array(size_wh) / 2
    angle = np.deg2rad(rng.normal(0, 7 if rng.random() < 0.85 else 22))
    stretch = np.exp(rng.normal(0, 0.06))
    mirrored = bool(rng.random() < 0.5)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    flip = -1.0 if mirrored else 1.0
    linear = np.array([[cos * flip * stretch, -sin], [sin * flip, cos / stretch]])
    offset = _covering(linear, at - linear @ about, (width, height), size_wh)
    return np.concatenate([linear, offset[:, None]], axis=1), mirrored


def _covering(
    linear: NDArray[np.float64],
    offset: NDArray[np.float64],
    from_wh: tuple[int, int],
    to_wh: tuple[int, int],
) -> NDArray[np.float64]:
    """The offset moved so that the picture covers the view, as far as it is large enough."""
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * from_wh @ linear.T + offset
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = np.minimum(-low, high - to_wh)  # negative where a border shows on one side only
    move = np.where(low > 0, -low, np.where(high < to_wh, to_wh - high, 0.0))
    able = (high - low >= to_wh) & (room < 0)
    moved: NDArray[np.float64] = offset + np.where(able, move, 0.0)
    return moved


def _warp(
    picture: Frame,
    matrix: NDArray[np.float64],
    size_wh: tuple[int, int],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """The picture through the map, averaged down first: bilinear sampling alone skips pixels."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    shrunk = int(0.7 / scale)
    if shrunk > 1:
        small = (max(1, picture.shape[1] // shrunk), max(1, picture.shape[0] // shrunk))
        ratio = picture.shape[1] / small[0], picture.shape[0] / small[1]
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ np.array([[ratio[0], 0, 0], [0, ratio[1], 0], [0, 0, 1]])
    around = float(rng.choice([0.0, 114.0, rng.uniform(0, 255)]))
    smooth = cv2.INTER_CUBIC if scale > 1 and rng.random() < 0.5 else cv2.INTER_LINEAR
    warped = cv2.warpAffine(
        picture, matrix, size_wh, flags=smooth, borderMode=cv2.BORDER_CONSTANT,
        borderValue=(around, around, around),
    )  # fmt: skip
    return np.asarray(warped, np.uint8)
