"""Tracking: each face keeps its number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.arrays import F32
from realtime.core.faces import Faces
from realtime.core.landmarks import MESH468, Landmarks
from realtime.track.lost import REMEMBER_S
from realtime.track.tracker import Tracker

FRAME_S = 1 / 30
# A face of 100 x 100 pixels about the origin.
SHAPE = np.random.default_rng(0).uniform(-50, 50, (468, 3)).astype(np.float32)
SHAPE[:4, :2] = [[-50, -50], [50, -50], [50, 50], [-50, 50]]


def points_at(*centres: tuple[float, float]) -> F32:
    offsets = np.array([(x, y, 0) for x, y in centres], np.float32).reshape(-1, 1, 3)
    return SHAPE + offsets


def detections_at(*centres: tuple[float, float], score: float = 0.9) -> Faces:
    boxes = [(x - 50, y - 50, x + 50, y + 50) for x, y in centres]
    return Faces.from_boxes(np.array(boxes).reshape(-1, 4), np.full(len(boxes), score))


class Scene:
    """Plays the networks: faces stand where the test puts them."""

    def __init__(self, max_faces: int = 16, frame_s: float = FRAME_S) -> None:
        self.tracker = Tracker()
        self.frame_s = frame_s
        self.now_s = 0.0
        self.max_faces = max_faces

    def step(
        self, *centres: tuple[float, float], detect: bool = True, presence: float = 1.0
    ) -> dict[int, tuple[float, float]]:
        """One frame with faces at `centres`; returns the reported ids and centres."""
        self.now_s += self.frame_s
        if detect:
            self.tracker.match(detections_at(*centres), self.now_s, max_faces=self.max_faces)
        regions = self.tracker.regions(self.now_s)
        # The mesh finds the face nearest to each region, if one lies within it.
        found = np.zeros((len(regions), 468, 3), np.float32)
        seen = np.zeros(len(regions), np.float32)
        for i, (x, y, side, _) in enumerate(regions):
            near = sorted(centres, key=lambda c: np.hypot(c[0] - x, c[1] - y))
            found[i] = points_at((x, y))[0]
            if near and np.hypot(near[0][0] - x, near[0][1] - y) < side / 2:
                found[i], seen[i] = points_at(near[0])[0], presence
        self.tracker.update(Landmarks(MESH468, found), seen, self.now_s, max_faces=self.max_faces)
        _, faces = self.tracker.report()
        if faces.track_id is None:
            return {}
        middle = (faces.xyxy[:, :2] + faces.xyxy[:, 2:]) / 2
        return {
            int(i): (float(x), float(y)) for i, (x, y) in zip(faces.track_id, middle, strict=True)
        }


def test_an_empty_scene_has_no_tracks() -> None:
    assert Scene().step() == {}


def test_a_face_keeps_its_number_while_it_moves_undetected() -> None:
    scene = Scene()
    scene.step((100, 100))
    for i in range(60):
        ids = scene.step((100 + 8 * i, 100 + 3 * i), detect=False)
        assert list(ids) == [1]


def test_a_moving_face_has_its_velocity() -> None:
    scene = Scene()
    for i in range(60):
        scene.step((100 + 8 * i, 100 - 3 * i))
    _, faces = scene.tracker.report()
    assert faces.velocity_px_s is not None
    np.testing.assert_allclose(faces.velocity_px_s, [[8 / FRAME_S, -3 / FRAME_S]], rtol=0.05)


def test_lost_face_disappears_at_once_and_returns_with_its_number() -> None:
    scene = Scene()
    scene.step((100, 100))
    assert scene.step() == {}
    assert scene.tracker.lost_now
    assert list(scene.step((130, 100))) == [1]


def test_a_face_that_comes_back_too_late_or_elsewhere_is_new() -> None:
    scene = Scene()
    scene.step((100, 100))
    scene.step()
    assert list(scene.step((500, 400))) == [2]
    scene.now_s += REMEMBER_S + 0.1
    scene.step()
    scene.now_s += REMEMBER_S + 0.1
    scene.step()
    assert list(scene.step((500, 400))) == [3]


def test_two_faces_that_pass_do_not_share_a_number() -> None:
    scene = Scene()
    scene.step((100, 100), (500, 260))
    for i in range(40):
        ids = scene.step((100 + 5 * i, 100), (500 - 5 * i, 260), detect=i % 9 == 0)
        assert len(ids) == 2
    assert set(ids) == {1, 2}


def test_two_tracks_on_one_face_become_the_older() -> None:
    scene = Scene()
    scene.step((100, 100), (210, 100))
    ids = scene.step((155, 100), detect=False)
    assert list(ids) == [1]


def test_face_of_low_presence_needs_repeated_detections() -> None:
    scene = Scene()
    shown = [bool(scene.step((100, 100), presence=0.3)) for _ in range(5)]
    assert not shown[0]
    assert shown[-1]
    frames = 0
    while scene.step((100, 100), presence=0.3, detect=False):
        frames += 1
        assert frames < 60, "kept without the detector's word"


def test_many_frames_of_a_fast_camera_prove_no_more_than_few_of_a_slow_one() -> None:
    scene = Scene(frame_s=1 / 120)
    shown = [bool(scene.step((100, 100), presence=0.3)) for _ in range(24)]
    assert not any(shown[:12])  # a tenth of a second
    assert shown[-1]


def test_false_alarm_of_one_frame_is_not_shown_and_uses_no_number() -> None:
    scene = Scene()
    scene.now_s += FRAME_S
    scene.tracker.match(detections_at((300, 300), score=0.55), scene.now_s, max_faces=16)
    mesh = Landmarks(MESH468, points_at((300, 300)))
    scene.tracker.update(mesh, np.full(1, 0.88, np.float32), scene.now_s, max_faces=16)
    assert len(scene.tracker.report()[1]) == 0
    assert scene.step() == {}
    assert list(scene.step((100, 100))) == [1]


def test_the_largest_faces_stay_when_there_are_too_many() -> None:
    scene = Scene(max_faces=2)
    assert len(scene.step((100, 100), (300, 100), (500, 100))) == 2
    scene.max_faces = 1
    assert len(scene.step((100, 100), (300, 100), (500, 100))) == 1


@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from([100, 300, 330, 500]), st.sampled_from([100, 300])),
            max_size=4,
            unique=True,
        ),
        min_size=1,
        max_size=25,
    ),
    st.integers(1, 4),
)
def test_numbers_are_never_shared_nor_reused(
    frames: list[list[tuple[float, float]]], max_faces: int
) -> None:
    scene, highest = Scene(max_faces), 0
    for centres in frames:
        known = {track.id for track in scene.tracker.tracks + scene.tracker._lost._tracks}
        ids = scene.step(*centres)
        assert len(ids) <= max_faces
        assert all(i in known or i > highest for i in ids)
        highest = max([highest, *ids])


def test_reported_landmarks_and_boxes_belong_together() -> None:
    scene = Scene()
    scene.step((100, 100))
    _, faces = scene.tracker.report()
    assert faces.landmarks is not None
    assert faces.xyxy[0, 0] == pytest.approx(faces.landmarks.points[0, :, 0].min())
