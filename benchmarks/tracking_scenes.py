"""Clips with known tracks: two heads that cross, hide each other, or follow a cut.

The heads are those of `benchmarks.moving_faces`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.moving_faces import head_crops
from benchmarks.tracking_score import Boxes
from realtime.core.arrays import F32, Frame

SIZE_WH = (640, 480)
FPS = 30
# Where the faces are in the heads' pictures, as shares of their side.
FACES = ((0.24, 0.16, 0.77, 0.86), (0.23, 0.18, 0.78, 0.83))
HIDDEN = 0.5  # a face that others or the edge cover by more than this share is not labelled
FAR_PX, NEAR_PX = 200, 220  # sides of the heads' pictures
HIDDEN_S = (0.4, 0.7, 1.1)  # how long a face is hidden where two cross


@dataclass(frozen=True, slots=True)
class Head:
    """One of the two heads in a frame.

    Attributes:
        head: which, 0 or 1.
        x, y: the centre of its picture in pixels.
        side: of its picture in pixels.
    """

    head: int
    x: float
    y: float
    side: int


Scene = Callable[[float], list[Head]]  # the heads at a time in seconds, the nearest last
# Time, picture, labels and (m, 4) boxes of faces of which the edge leaves less than half: to report
# them is neither right nor wrong.
SceneFrame = tuple[float, Frame, Boxes, F32]


def crossing(hidden_s: float) -> Scene:
    """Two people walk past each other; the nearer one hides the other for `hidden_s`."""
    speed = NEAR_PX / 2 / hidden_s

    def heads(time_s: float) -> list[Head]:
        way = speed * (time_s - 1.5)
        return [Head(0, 320 + way, 240, FAR_PX), Head(1, 320 - way, 250, NEAR_PX)]

    return heads


def passing_behind(hidden_s: float) -> Scene:
    """One person stays; the other walks past behind and is hidden for `hidden_s`."""
    speed = NEAR_PX / hidden_s

    def heads(time_s: float) -> list[Head]:
        return [
            Head(0, 320 + speed * (time_s - 1.5), 240, FAR_PX),
            Head(1, 320, 250, NEAR_PX),
        ]

    return heads


def hiding_behind(hidden_s: float) -> Scene:
    """One person moves behind the other, waits there and comes back on the same side."""

    def heads(time_s: float) -> list[Head]:
        away_px = NEAR_PX / 2 + 300 * (abs(time_s - 1.5) - hidden_s / 2)
        away_px = min(max(away_px, 50), 220)
        return [Head(0, 320 + away_px, 240, FAR_PX), Head(1, 320, 250, NEAR_PX)]

    return heads


SCENES: dict[str, Scene] = {
    f"{scene.__name__.replace('_', ' ')}, {hidden_s} s": scene(hidden_s)
    for scene in (crossing, passing_behind, hiding_behind)
    for hidden_s in HIDDEN_S
}


def play(scene: Scene, *, seconds: float = 3.0) -> Iterator[SceneFrame]:
    """Each frame with its labels."""
    pictures = head_crops()
    background = np.full((SIZE_WH[1], SIZE_WH[0], 3), (206, 214, 210), np.uint8)
    for k in range(round(seconds * FPS)):
        heads, frame = scene(k / FPS), background.copy()
        for head in heads:
            _paint(frame, cv2.resize(pictures[head.head], (head.side, head.side)), head)
        yield k / FPS, frame, *_labels(heads)


def cut() -> Iterator[SceneFrame]:
    """One person's picture for a second, then another person's, in the same place."""
    colours = ((206, 214, 210), (40, 60, 30))
    for k in range(2 * FPS):
        which = k // FPS
        head = Head(which, 320, 240, 360)
        frame = np.full((SIZE_WH[1], SIZE_WH[0], 3), colours[which], np.uint8)
        _paint(frame, cv2.resize(head_crops()[which], (head.side, head.side)), head)
        yield k / FPS, frame, *_labels([head])


def _paint(frame: Frame, picture: cv2.typing.MatLike, head: Head) -> None:
    """Paint a head where it is, as far as that is within the frame, to a fraction of a pixel."""
    corner = (head.x - head.side / 2, head.y - head.side / 2)
    place = np.array([[1, 0, corner[0]], [0, 1, corner[1]]], np.float32)
    cv2.warpAffine(picture, place, SIZE_WH, dst=frame, borderMode=cv2.BORDER_TRANSPARENT)


def _labels(heads: list[Head]) -> tuple[Boxes, F32]:
    ids, boxes, leaving = [], [], []
    for i, head in enumerate(heads):
        box = _face(head)
        shown = np.clip(box, 0, [*SIZE_WH, *SIZE_WH])
        hidden = 1 - _area(shown) / _area(box)
        if HIDDEN < hidden < 1:
            leaving.append(box)
        for nearer in heads[i + 1 :]:
            side = nearer.side / 2
            left, top = max(box[0], nearer.x - side), max(box[1], nearer.y - side)
            right, bottom = min(box[2], nearer.x + side), min(box[3], nearer.y + side)
            hidden += max(0.0, right - left) * max(0.0, bottom - top) / _area(box)
        if hidden <= HIDDEN:
            ids.append(head.head + 1)
            boxes.append(shown)
    labelled = Boxes(ids, np.array(boxes, np.float32).reshape(-1, 4))
    return labelled, np.array(leaving, np.float32).reshape(-1, 4)


def _face(head: Head) -> F32:
    share = np.array(FACES[head.head], np.float32)
    corner = np.array([head.x, head.y] * 2, np.float32) - head.side / 2
    return np.asarray(corner + share * head.side, np.float32)


def _area(box: F32) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))
