"""Labels cover neither other faces nor each other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.arrays import F32
from realtime.core.geometry import overlap_of_smaller
from realtime.render.placement import Place, place_labels

FULL, SHORT, FRAME = (110, 36), (24, 18), (640, 480)


def places(*boxes: tuple[float, float, float, float]) -> list[Place]:
    xyxy = np.array(boxes, np.float32).reshape(-1, 4)
    return place_labels(xyxy, [FULL] * len(boxes), [SHORT] * len(boxes), FRAME)


def labels_of(found: list[Place]) -> F32:
    rows = []
    for place in found:
        width, height = SHORT if place.short else FULL
        rows.append((place.left, place.top, place.left + width, place.top + height))
    return np.array(rows, np.float32).reshape(-1, 4)


def test_no_faces() -> None:
    assert places() == []


def test_above_then_below_then_beside_the_face() -> None:
    assert places((100, 100, 160, 170)) == [Place(left=100, top=64, short=False)]
    assert places((100, 5, 160, 70)) == [Place(left=100, top=70, short=False)]
    assert places((100, 5, 160, 475)) == [Place(left=160, top=5, short=False)]


def test_a_close_face_keeps_its_full_label() -> None:
    (place,) = places((0, 0, 640, 480))
    assert not place.short


def test_two_neighbours_keep_both_labels_readable() -> None:
    found = places((100, 100, 160, 170), (170, 100, 230, 170))
    assert [place.short for place in found] == [False, False]
    assert overlap_of_smaller(labels_of(found)[:1], labels_of(found)[1:]).max() == 0


def test_a_crowd_has_numbers_and_its_faces_stay_visible() -> None:
    boxes = [(x, y, x + 50, y + 60) for y in range(10, 400, 75) for x in range(10, 580, 60)]
    found = places(*boxes)
    xyxy = np.array(boxes, np.float32)
    labels = labels_of(found)
    assert sum(place.short for place in found) > len(boxes) / 2
    between = overlap_of_smaller(labels, labels) - np.eye(len(labels), dtype=np.float32)
    assert between.max() == 0
    for i, label in enumerate(labels):
        others = np.delete(xyxy, i, axis=0)
        assert overlap_of_smaller(label[None], others).max() == 0


@given(
    st.lists(st.tuples(*[st.floats(-900, 1500)] * 2, *[st.floats(0, 900)] * 2), max_size=12),
)
def test_labels_never_leave_the_frame(corners: list[tuple[float, float, float, float]]) -> None:
    labels = labels_of(places(*[(x, y, x + w, y + h) for x, y, w, h in corners]))
    assert (labels[:, :2] >= 0).all()
    assert (labels[:, 2:] <= FRAME).all()
