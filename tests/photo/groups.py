"""Synthetic group photos with known boxes, made from portraits in installed packages."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from realtime.core.faces import F32, Frame
from realtime.core.geometry import iou

# Box of the face in each portrait, and the region of the portrait that is pasted: xyxy.
FACES = {"astronaut": (178, 68, 273, 178), "hopper": (170, 132, 357, 335)}
CUTS = {"astronaut": (110, 0, 340, 230), "hopper": (60, 20, 460, 420)}


@dataclass(frozen=True)
class Place:
    """A pasted face.

    Attributes:
        who: name of the portrait.
        side: side of the pasted square in pixels.
        x: left edge of the square.
        y: top edge of the square.
        mirrored: whether the square is flipped horizontally.
    """

    who: str
    side: int
    x: int
    y: int
    mirrored: bool = False


def group_picture(
    sources: dict[str, Frame], size_wh: tuple[int, int], places: list[Place]
) -> tuple[Frame, F32]:
    """A picture with these faces, and their boxes (n, 4) in the order of `places`."""
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


def assert_same_faces(detected: F32, expected: F32) -> None:
    """Check that each expected face is detected once, and nothing else is."""
    overlap = iou(expected, detected)
    missed = expected[~(overlap > 0.4).any(axis=1)]
    extra = detected[~(overlap > 0.4).any(axis=0)]
    assert missed.tolist() == []
    assert extra.tolist() == []
    assert len(detected) == len(expected)
