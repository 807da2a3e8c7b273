"""Tracks where faces hide each other, are too many, or are detected twice."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.core.faces import Faces
from realtime.core.landmarks import Landmarks
from realtime.track.tracker import Tracker
from tests.builders import mesh_in_boxes
from tests.track.test_tracker import FRAME_S, Scene, detections_at

Box = tuple[float, float, float, float]


def square(x: float, y: float, side: float) -> Box:
    return (x - side / 2, y - side / 2, x + side / 2, y + side / 2)


def step(tracker: Tracker, now_s: float, boxes: list[Box], *, max_faces: int) -> dict[int, Box]:
    """One frame whose faces the detector and the mesh see in these boxes."""
    found = Faces.from_boxes(boxes, [0.9] * len(boxes))
    tracker.match(found, now_s, max_faces=max_faces)
    centres = tracker.regions(now_s)[:, :2]
    middles = np.array([((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in boxes])
    nearest = [int(np.hypot(*(middles - centre).T).argmin()) for centre in centres]
    mesh: Landmarks = mesh_in_boxes(*[boxes[i] for i in nearest])
    tracker.update(mesh, np.ones(len(nearest), np.float32), now_s, max_faces=max_faces)
    _, faces = tracker.report()
    ids = [] if faces.track_id is None else faces.track_id.tolist()
    return dict(zip(ids, map(tuple, faces.xyxy.tolist()), strict=True))


def test_a_weak_box_does_not_take_a_track_from_a_sure_one() -> None:
    for weak_first in (True, False):
        scene = Scene()
        scene.step((100, 100))
        both = Faces.concatenate(
            [detections_at((102, 100), score=0.3), detections_at((115, 100), score=0.9)]
        )
        both = both if weak_first else both[[1, 0]]
        scene.tracker.match(both, scene.now_s + FRAME_S, max_faces=16)
        (track,) = scene.tracker.tracks
        assert track.score == pytest.approx(0.9)
        assert len(scene.tracker.regions(scene.now_s + FRAME_S)) == 1


@pytest.mark.parametrize("hidden_s", [0.4, 0.7, 1.1])
def test_two_people_who_cross_keep_their_numbers(hidden_s: float) -> None:
    scene, speed = Scene(), 100 / hidden_s / 2  # pixels per second each; a face has 100
    for i in range(round(3 * hidden_s / FRAME_S)):
        way = speed * i * FRAME_S - 1.5 * speed * hidden_s
        near, far = (300 - way, 205), (300 + way, 200)
        shown = (near,) if abs(2 * way) < 50 else (near, far)
        ids = scene.step(*shown, detect=i % 9 == 0 or len(shown) > len(scene.tracker.tracks))
    assert {1 if x > 300 else 2 for x, _ in ids.values()} == {1, 2}
    first, second = (ids[number][0] for number in (1, 2))
    # The detector lists the nearer face first: that one began on the right.
    assert first < 300 < second


def test_the_face_behind_is_lost_not_the_one_in_front() -> None:
    """The older track is behind: it must not go on as the face in front."""
    tracker = Tracker()
    for i in range(40):
        now_s, front_x = i * FRAME_S, 420.0 - 6 * i
        boxes = [square(front_x, 200, 100)]
        if abs(front_x - 200) >= 55:
            boxes.insert(0, square(200, 200, 100))
        ids = step(tracker, now_s, boxes, max_faces=16)
    assert list(ids) == [2]


def test_a_large_face_takes_the_place_of_a_small_one() -> None:
    tracker = Tracker()
    small, large = square(100, 100, 60), square(400, 300, 180)
    for i in range(10):
        assert list(step(tracker, i * FRAME_S, [small], max_faces=1)) == [1]
    for i in range(10, 20):
        ids = step(tracker, i * FRAME_S, [small, large], max_faces=1)
    assert ids == {2: pytest.approx(large, abs=1)}


def test_faces_of_about_the_same_size_do_not_take_turns() -> None:
    tracker = Tracker()
    for i in range(40):
        sides = (100, 110) if i % 6 < 3 else (110, 100)
        boxes = [square(100, 100, sides[0]), square(400, 300, sides[1])]
        ids = step(tracker, i * FRAME_S, boxes if i else boxes[:1], max_faces=1)
        assert list(ids) == [1]


def test_after_a_cut_nobody_has_a_number_from_before() -> None:
    scene = Scene()
    scene.step((100, 100), (400, 100))
    scene.step((100, 100))  # the second is lost, for the moment
    scene.tracker.end_all()
    assert sorted(scene.step((100, 100), (400, 100))) == [3, 4]
