"""Smoothing: landmarks and measures are kept per track and forgotten with it."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import Faces
from realtime.core.landmarks import MESH468, POINTS68, Landmarks
from realtime.landmark.measures import measure
from realtime.track.smoothing import FORGET_S, LandmarkSmoother
from tests.builders import SIZE_WH, open_points, posed_landmarks


def faces(numbers: list[int], landmarks: Landmarks) -> Faces:
    n = len(numbers)
    boxes = np.tile(np.array([[0, 0, 100, 100]], np.float32), (n, 1))
    return Faces.from_boxes(boxes).with_(
        track_id=np.array(numbers, np.int64), landmarks=landmarks[[0] * n]
    )


def eyes(openness: float) -> Landmarks:
    landmarks = posed_landmarks(0, 0, 0)
    landmarks.points[..., :2] = open_points(MESH468, openness, openness, 0.1)
    return landmarks


def test_no_faces_have_empty_measures() -> None:
    empty = LandmarkSmoother().measure(Faces.empty(), SIZE_WH, 0.0)
    assert empty.pose_deg is not None
    assert empty.eye_open is not None
    assert empty.mouth_open is not None
    assert empty.blinks is not None
    assert (empty.pose_deg.shape, empty.eye_open.shape) == ((0, 3), (0, 2))
    assert (empty.mouth_open.shape, empty.blinks.shape) == ((0,), (0,))


def test_blinks_are_counted_per_track() -> None:
    followed, last = LandmarkSmoother(), Faces.empty()
    for i in range(60):
        shut = eyes(0.12 if i in (30, 31, 32) else 0.3)
        both = Landmarks(MESH468, np.concatenate([shut.points, eyes(0.3).points]))
        shown = faces([4, 9], eyes(0.3)).with_(landmarks=both)
        last = followed.measure(shown, SIZE_WH, i / 30)
    assert last.blinks is not None
    assert last.blinks.tolist() == [1, 0]


def test_track_keeps_its_blinks_until_it_is_forgotten() -> None:
    followed = LandmarkSmoother()
    for i in range(40):
        followed.measure(faces([4], eyes(0.12 if i in (30, 31) else 0.3)), SIZE_WH, i / 30)
    later = followed.measure(faces([7, 4], eyes(0.3)), SIZE_WH, 1.5)
    assert later.blinks is not None
    assert later.blinks.tolist() == [0, 1]
    again = followed.measure(faces([4], eyes(0.3)), SIZE_WH, 1.6 + FORGET_S)
    assert again.blinks is not None
    assert again.blinks.tolist() == [0]


def test_pose_is_smooth_at_rest_and_follows_fast_turns() -> None:
    rng, followed, seen = np.random.default_rng(0), LandmarkSmoother(), []
    for i in range(90):
        noise = rng.normal(0, 3) if i < 60 else 0
        yaw = noise if i < 60 else min(40, 3 * (i - 60))
        shown = faces([1], posed_landmarks(yaw, 0, 0))
        seen.append(followed.measure(shown, SIZE_WH, i / 30).pose_deg)
    values = np.concatenate([pose for pose in seen if pose is not None])[:, 0]
    assert values[20:60].std() < 2.2
    assert abs(values[-1] - 40) < 3


def test_chosen_landmarks_replace_the_mesh_and_are_smoothed() -> None:
    followed = LandmarkSmoother()
    points = np.random.default_rng(0).uniform(0, 100, (1, 68, 2)).astype(np.float32)
    chosen, moved = Landmarks(POINTS68, points), Landmarks(POINTS68, points + 1)
    first = followed.with_landmarks(faces([3], posed_landmarks(0, 0, 0)), chosen, 0.0)
    assert first.landmarks is not None
    assert first.landmarks.topology is POINTS68
    np.testing.assert_array_equal(first.landmarks.points, points)
    second = followed.with_landmarks(faces([3], posed_landmarks(0, 0, 0)), moved, 1 / 30)
    assert second.landmarks is not None
    assert 0 < (second.landmarks.points - points).mean() < 1


def test_photo_has_no_blinks() -> None:
    still = measure(faces([1], posed_landmarks(10, 5, -20)), SIZE_WH)
    assert still.blinks is None
    assert still.pose_deg is not None
    np.testing.assert_allclose(still.pose_deg[0], [10, 5, -20], atol=0.3)
