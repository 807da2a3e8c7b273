"""What is measured over time: by the number of each face, and forgotten with it."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import F32, Faces
from realtime.landmark.measures import measured
from realtime.landmark.smoothing import FORGET_S, FollowedFaces
from tests.landmark.test_openness import drawn
from tests.landmark.test_pose import SIZE, rendered


def faces(numbers: list[int], landmarks: F32) -> Faces:
    n = len(numbers)
    boxes = np.tile(np.array([[0, 0, 100, 100]], np.float32), (n, 1))
    return Faces.from_boxes(boxes).with_(
        track_id=np.array(numbers, np.int64), landmarks=landmarks[[0] * n].astype(np.float32)
    )


def eyes(openness: float) -> F32:
    landmarks = rendered(0, 0, 0)
    landmarks[..., :2] = drawn(468, openness, openness, 0.1)
    return landmarks


def test_nobody_is_measured_as_nobody() -> None:
    empty = FollowedFaces().measured(Faces.empty(), SIZE, 0.0)
    assert empty.pose_deg is not None
    assert empty.eye_open is not None
    assert empty.mouth_open is not None
    assert empty.blinks is not None
    assert (empty.pose_deg.shape, empty.eye_open.shape) == ((0, 3), (0, 2))
    assert (empty.mouth_open.shape, empty.blinks.shape) == ((0,), (0,))


def test_each_number_has_its_own_blinks() -> None:
    followed, last = FollowedFaces(), Faces.empty()
    for i in range(60):
        shut = eyes(0.12 if i in (30, 31, 32) else 0.3)
        both = np.concatenate([shut, eyes(0.3)])
        shown = faces([4, 9], eyes(0.3)).with_(landmarks=both)
        last = followed.measured(shown, SIZE, i / 30)
    assert last.blinks is not None
    assert last.blinks.tolist() == [1, 0]


def test_a_number_keeps_its_blinks_in_another_place_and_loses_them_when_long_gone() -> None:
    followed = FollowedFaces()
    for i in range(40):
        followed.measured(faces([4], eyes(0.12 if i in (30, 31) else 0.3)), SIZE, i / 30)
    later = followed.measured(faces([7, 4], eyes(0.3)), SIZE, 1.5)
    assert later.blinks is not None
    assert later.blinks.tolist() == [0, 1]
    again = followed.measured(faces([4], eyes(0.3)), SIZE, 1.6 + FORGET_S)
    assert again.blinks is not None
    assert again.blinks.tolist() == [0]


def test_a_still_pose_is_calmed_and_a_turning_one_is_kept_up_with() -> None:
    rng, followed, seen = np.random.default_rng(0), FollowedFaces(), []
    for i in range(90):
        noise = rng.normal(0, 3) if i < 60 else 0
        yaw = noise if i < 60 else min(40, 3 * (i - 60))
        shown = faces([1], rendered(yaw, 0, 0))
        seen.append(followed.measured(shown, SIZE, i / 30).pose_deg)
    values = np.concatenate([pose for pose in seen if pose is not None])[:, 0]
    assert values[20:60].std() < 2.2
    assert abs(values[-1] - 40) < 3


def test_the_chosen_points_take_the_place_of_the_mesh() -> None:
    followed = FollowedFaces()
    points = np.random.default_rng(0).uniform(0, 100, (1, 68, 2)).astype(np.float32)
    first = followed.with_points(faces([3], rendered(0, 0, 0)), points, 0.0)
    np.testing.assert_array_equal(first.landmarks, points)
    second = followed.with_points(faces([3], rendered(0, 0, 0)), points + 1, 1 / 30)
    assert second.landmarks is not None
    assert 0 < (second.landmarks - points).mean() < 1


def test_a_still_has_no_blinks() -> None:
    still = measured(faces([1], rendered(10, 5, -20)), SIZE)
    assert still.blinks is None
    assert still.pose_deg is not None
    np.testing.assert_allclose(still.pose_deg[0], [10, 5, -20], atol=0.3)
