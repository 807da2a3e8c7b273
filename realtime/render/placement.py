"""Places labels beside faces, so that they cover neither other faces nor each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from realtime.core.arrays import F32

# Numbers of Python: for so few, NumPy takes many times longer.
Size = tuple[int, int]  # width and height in pixels
Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels
MAX_OWN_SHARE = 0.3  # of its own face that a full label may cover, where there is no other place


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the label of a face is drawn.

    Attributes:
        left: left edge in pixels.
        top: upper edge in pixels.
        short: whether there is room for the short label only.
    """

    left: int
    top: int
    short: bool


def place_labels(
    xyxy: F32, full_wh: Sequence[Size], short_wh: Sequence[Size], frame_wh: Size
) -> list[Place]:
    """Place a label for each face: above it, below it or at its side; never outside the frame.

    Args:
        xyxy: (n, 4) boxes of the faces; those that come first are placed first.
        full_wh: sizes of their labels.
        short_wh: sizes of their short labels, used in crowds.
        frame_wh: size of the frame.

    Example:
        >>> import numpy as np
        >>> boxes = np.array([[50, 60, 90, 100]], np.float32)
        >>> place_labels(boxes, [(40, 20)], [(10, 10)], (200, 200))
        [Place(left=50, top=40, short=False)]
    """
    faces: list[Box] = [_box(row) for row in xyxy.tolist()]
    placed: list[Box] = []
    places = []
    for i, box in enumerate(faces):
        others = placed + faces[:i] + faces[i + 1 :]
        place, taken = _place(box, others, full_wh[i], short_wh[i], frame_wh)
        places.append(place)
        placed.append(taken)
    return places


def _box(xyxy: Sequence[float]) -> Box:
    """A face's box, within what can be counted in pixels."""
    x0, y0, x1, y1 = (max(-1e6, min(1e6, value)) for value in xyxy)
    return x0, y0, x1, y1


def _place(
    box: Box, others: Sequence[Box], full: Size, short: Size, frame_wh: Size
) -> tuple[Place, Box]:
    """The best place for one label, and the label's box there."""
    area = max(1.0, (box[2] - box[0]) * (box[3] - box[1]))
    choices = [
        (full, False, 0.0),
        (full, False, MAX_OWN_SHARE),
        (short, True, 0.0),
        (short, True, 1.0),
    ]
    for size, is_short, own_share in choices:
        for label in _candidates(box, size, frame_wh):
            if _shared(label, box) <= own_share * area and not any(
                _shared(label, other) for other in others
            ):
                return _as_place(label, is_short), label
    # No place is free: a short label hides least.
    label = next(_candidates(box, short, frame_wh))
    return _as_place(label, True), label


def _candidates(box: Box, size: Size, frame_wh: Size) -> Iterator[Box]:
    """Labels of this size above, below, right of, left of and in a face, moved into the frame."""
    width, height = size
    x0, y0, x1, y1 = map(int, box)
    for x, y in ((x0, y0 - height), (x0, y1), (x1, y0), (x0 - width, y0), (x0, y0)):
        left = max(0, min(x, frame_wh[0] - width))
        top = max(0, min(y, frame_wh[1] - height))
        yield left, top, left + width, top + height


def _shared(a: Box, b: Box) -> float:
    """The area in square pixels that two boxes share."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0.0


def _as_place(label: Box, short: bool) -> Place:
    return Place(left=int(label[0]), top=int(label[1]), short=short)
