"""Places labels beside faces, so that they cover neither other faces nor each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from realtime.core.arrays import F32

Size = tuple[int, int]  # width and height in pixels
MAX_SHORT_SHARE = 0.5
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
    xyxy: F32,
    full_wh: Sequence[Size],
    short_wh: Sequence[Size],
    frame_wh: Size,
    *,
    gap_px: int = 0,
) -> list[Place]:
    """Place a label for each face: above it, below it or at its side; never outside the frame.

    Args:
        xyxy: (n, 4) boxes of the faces; those that come first are placed first.
        full_wh: sizes of their labels.
        short_wh: sizes of their short labels, used in crowds.
        frame_wh: size of the frame.
        gap_px: space between a face and its label.

    Returns:
        A place for each face. Where most have no room for their full label, all are short, as a
        picture with both is harder to read.

    Example:
        >>> boxes = np.array([[50, 60, 90, 100]], np.float32)
        >>> place_labels(boxes, [(40, 20)], [(10, 10)], (200, 200))
        [Place(left=50, top=40, short=False)]
    """
    around = xyxy + np.array([-gap_px, -gap_px, gap_px, gap_px], np.float32)
    places = _place_all(around, full_wh, short_wh, frame_wh)
    if sum(place.short for place in places) > MAX_SHORT_SHARE * len(places):
        return _place_all(around, short_wh, short_wh, frame_wh)
    return places


def _place_all(
    xyxy: F32, full_wh: Sequence[Size], short_wh: Sequence[Size], frame_wh: Size
) -> list[Place]:
    taken = np.concatenate([xyxy, np.zeros_like(xyxy)])  # the faces, then the labels placed so far
    n, places = len(xyxy), list[Place]()
    for i, box in enumerate(xyxy):
        others = np.concatenate([taken[:i], taken[i + 1 : n + i]])
        place, taken[n + i] = _place(box, others, full_wh[i], short_wh[i], frame_wh)
        places.append(place)
    return places


def _place(box: F32, others: F32, full: Size, short: Size, frame_wh: Size) -> tuple[Place, F32]:
    """The best place for one label, and the label's box there."""
    area = max(1.0, float((box[2] - box[0]) * (box[3] - box[1])))
    choices = [
        (full, full == short, 0.0),
        (full, full == short, MAX_OWN_SHARE),
        (short, True, 0.0),
        (short, True, 1.0),
    ]
    for size, is_short, own_share in choices:
        for label in _candidates(box, size, frame_wh):
            if _covered(label, box[None]) <= own_share * area and _covered(label, others) == 0:
                return _as_place(label, is_short), label
    # No place is free: a short label hides least.
    label = next(iter(_candidates(box, short, frame_wh)))
    return _as_place(label, True), label


def _candidates(box: F32, size: Size, frame_wh: Size) -> list[F32]:
    """Labels of this size above, below, right of, left of and in a face, moved into the frame."""
    width, height = size
    x0, y0, x1, y1 = (int(value) for value in np.clip(box, -1e6, 1e6))
    corners = ((x0, y0 - height), (x0, y1), (x1, y0), (x0 - width, y0), (x0, y0))
    labels = []
    for x, y in corners:
        left = max(0, min(x, frame_wh[0] - width))
        top = max(0, min(y, frame_wh[1] - height))
        labels.append(np.array([left, top, left + width, top + height], np.float32))
    return labels


def _covered(label: F32, boxes: F32) -> float:
    """The largest area, in square pixels, that the label covers of one of the boxes."""
    width = np.minimum(label[2], boxes[:, 2]) - np.maximum(label[0], boxes[:, 0])
    height = np.minimum(label[3], boxes[:, 3]) - np.maximum(label[1], boxes[:, 1])
    return float((np.maximum(width, 0) * np.maximum(height, 0)).max(initial=0))


def _as_place(label: F32, short: bool) -> Place:
    return Place(left=int(label[0]), top=int(label[1]), short=short)
