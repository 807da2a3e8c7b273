"""Places labels beside faces, so that they cover neither other faces nor each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from realtime.core.arrays import F32

Size = tuple[int, int]  # width and height in pixels
_Box = tuple[float, float, float, float]
MAX_PX = 1e6
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
    reach = np.clip(xyxy, -MAX_PX, MAX_PX) + np.array([-gap_px, -gap_px, gap_px, gap_px])
    boxes: list[_Box] = [(x0, y0, x1, y1) for x0, y0, x1, y1 in np.trunc(reach).tolist()]
    places = _place_all(boxes, full_wh, short_wh, frame_wh)
    if sum(place.short for place in places) > MAX_SHORT_SHARE * len(places):
        return _place_all(boxes, None, short_wh, frame_wh)
    return places


def _place_all(
    boxes: list[_Box], full_wh: Sequence[Size] | None, short_wh: Sequence[Size], frame_wh: Size
) -> list[Place]:
    taken, places = list(boxes), list[Place]()  # the faces, then the labels placed so far
    for i, box in enumerate(boxes):
        full = None if full_wh is None else full_wh[i]
        label, short = _best(box, i, taken, full, short_wh[i], frame_wh)
        taken.append(label)
        places.append(Place(left=int(label[0]), top=int(label[1]), short=short))
    return places


def _best(
    box: _Box, own: int, taken: list[_Box], full: Size | None, short: Size, frame_wh: Size
) -> tuple[_Box, bool]:
    """The best label for one face, and whether it is short; `own` is the face's place in `taken`.

    Full labels are better, and those on no face, not even their own.
    """
    area = max(1.0, (box[2] - box[0]) * (box[3] - box[1]))
    for size, is_short, share in ((full, False, MAX_OWN_SHARE), (short, True, 1.0)):
        if size is None:
            continue
        on_own = None
        for label in _candidates(box, size, frame_wh):
            if _covers_any(label, taken, own):
                continue
            covered = _overlap(label, box)
            if covered == 0:
                return label, is_short
            if on_own is None and covered <= share * area:
                on_own = label
        if on_own is not None:
            return on_own, is_short
    return next(_candidates(box, short, frame_wh)), True  # a short label hides least


def _candidates(box: _Box, size: Size, frame_wh: Size) -> Iterator[_Box]:
    """Labels of this size above, below, right of, left of and in a face, moved into the frame."""
    (width, height), (x0, y0, x1, y1) = size, box
    for x, y in ((x0, y0 - height), (x0, y1), (x1, y0), (x0 - width, y0), (x0, y0)):
        left = max(0, min(x, frame_wh[0] - width))
        top = max(0, min(y, frame_wh[1] - height))
        yield left, top, left + width, top + height


def _covers_any(label: _Box, taken: list[_Box], own: int) -> bool:
    x0, y0, x1, y1 = label
    for k, (left, top, right, bottom) in enumerate(taken):
        if x0 < right and left < x1 and y0 < bottom and top < y1 and k != own:
            return True
    return False


def _overlap(a: _Box, b: _Box) -> float:
    """The area in square pixels that two boxes share."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)
