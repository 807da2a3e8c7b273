"""Group pictures with known faces, put together from the faces that wheels carry."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from realtime.core.faces import F32, Frame
from realtime.core.geometry import iou

# The face in each source picture, and the part of the picture that is pasted: xyxy.
FACES = {"astronaut": (178, 68, 273, 178), "hopper": (170, 132, 357, 335)}
CUTS = {"astronaut": (110, 0, 340, 230), "hopper": (60, 20, 460, 420)}


@dataclass(frozen=True)
class Place:
    """One face: whose, the side of its square in pixels and where that begins, mirrored or not."""

    who: str
    side: int
    x: int
    y: int
    mirrored: bool = False


def group_picture(
    sources: dict[str, Frame], size_wh: tuple[int, int], places: list[Place]
) -> tuple[Frame, F32]:
    """The picture and the boxes (n, 4) of its faces, in the order of `places`."""
    gradient = np.linspace(90, 220, size_wh[0], dtype=np.uint8)
    canvas = np.repeat(np.repeat(gradient[None, :, None], size_wh[1], axis=0), 3, axis=2).copy()
    boxes = []
    for place in places:
        left, top, right, bottom = CUTS[place.who]
        cut = sources[place.who][top:bottom, left:right]
        x0, y0, x1, y1 = np.subtract(FACES[place.who], (left, top, left, top))
        if place.mirrored:
            cut, x0, x1 = cut[:, ::-1], right - left - x1, right - left - x0
        scale = place.side / (right - left)
        pasted = cv2.resize(cut, (place.side, place.side), interpolation=cv2.INTER_AREA)
        canvas[place.y : place.y + place.side, place.x : place.x + place.side] = pasted
        shift = np.array([place.x, place.y, place.x, place.y])
        boxes.append(np.array([x0, y0, x1, y1]) * scale + shift)
    return canvas, np.asarray(boxes, np.float32).reshape(-1, 4)


def assert_all_and_only(found: F32, expected: F32) -> None:
    """Each expected face was found once, and nothing else was."""
    overlap = iou(expected, found)
    missed = expected[~(overlap > 0.4).any(axis=1)]
    extra = found[~(overlap > 0.4).any(axis=0)]
    assert missed.tolist() == []
    assert extra.tolist() == []
    assert len(found) == len(expected)
