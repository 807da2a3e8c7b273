"""Summary of a video: labels and courses of each face, and its best view."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from realtime.attribute.registry import EMOTION, MASK
from realtime.core.arrays import Frame
from realtime.core.faces import Faces, FrameResult
from realtime.core.landmarks import Landmarks
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo
from realtime.output.tables import FaceTable
from realtime.video.best_view import BestViews, frontal
from realtime.video.people import (
    STEPS,
    emotion_course,
    mask_counts,
    mask_course,
    people,
    step_times,
)
from tests.builders import answers, tracked_faces

FRAMES = 300
BARE, WORN = (0.1, 0.9, 0.0), (0.9, 0.1, 0.0)
HAPPY, SAD = np.eye(7)[3], np.eye(7)[4]


@pytest.fixture(scope="module")
def table() -> FaceTable:
    """Face 4 throughout, bare and happy, then sad; face 7 in the last third, with a mask."""
    grown = FaceTable()
    for frame in range(FRAMES):
        numbers = [4] if frame < 200 else [7, 4]
        faces = tracked_faces(
            numbers,
            mask=answers(MASK, [WORN if n == 7 else BARE for n in numbers]),
            emotion=answers(EMOTION, [HAPPY if frame < 225 else SAD] * len(numbers)),
        )
        grown.add(FrameResult(faces, (640, 480), frame / 30), frame)
    return grown


def test_people_have_their_most_frequent_labels(table: FaceTable) -> None:
    first, second = people(table.rows())
    assert (first.number, first.frames, second.number, second.frames) == (4, 300, 7, 100)
    assert (second.first_s, second.last_s) == (pytest.approx(200 / 30), pytest.approx(299 / 30))
    assert first.labels == {"mask": ("without_mask", 1.0), "emotion": ("happy", 0.75)}
    assert (second.labels["mask"][0], second.labels["emotion"][0]) == ("with_mask", "sad")
    counts = mask_counts([first, second])
    assert counts == {"with_mask": 1, "without_mask": 1, "incorrect": 0, "unsure": 0}


def test_courses_cover_the_whole_video(table: FaceTable) -> None:
    rows = table.rows()
    masks = mask_course(rows, FRAMES)
    assert masks.shape == (STEPS, 4)
    assert masks[0].tolist() == [0, 1, 0, 0]
    assert masks[-1].tolist() == [1, 1, 0, 0]
    assert masks.sum() == pytest.approx(STEPS * 4 / 3, abs=1)
    late = emotion_course(rows, 7, FRAMES)
    assert late[: STEPS // 2].sum() == 0
    assert late[-1].argmax() == 4
    assert late[-1].sum() == pytest.approx(1)
    times = step_times(np.arange(FRAMES) / 30)
    assert len(times) == STEPS
    assert times == sorted(times)


def test_short_video_has_one_step_per_frame(table: FaceTable) -> None:
    rows = table.rows()[:5]
    assert mask_course(rows, 5).tolist() == [[0, 1, 0, 0]] * 5
    assert emotion_course(rows, 4, 5).sum(axis=1) == pytest.approx(np.ones(5))
    assert len(step_times(np.arange(5) / 30)) == 5


def test_video_without_faces_has_no_people() -> None:
    rows = FaceTable().rows()
    assert people(rows) == []
    assert mask_course(rows, 9).tolist() == [[0, 0, 0, 0]] * 9


def seen(networks: Networks, frame_bgr: Frame) -> Faces:
    faces = analyze_photo(networks, frame_bgr, AnalysisSettings()).faces
    return faces.with_(track_id=np.full(len(faces), 1, np.int64))


def test_largest_and_sharpest_view_is_kept(networks: Networks, hopper: Frame) -> None:
    blurred = cv2.GaussianBlur(hopper, (0, 0), 6)
    small = cv2.copyMakeBorder(
        cv2.resize(hopper, None, fx=0.3, fy=0.3), 100, 100, 200, 200, cv2.BORDER_REPLICATE
    )
    sizes = []
    for order in ((blurred, hopper, small), (hopper, small, blurred), (small, blurred, hopper)):
        views = BestViews()
        for k, picture in enumerate(order):
            frame = np.asarray(picture, np.uint8)
            views.look(frame, seen(networks, frame), float(k))
        (jpg,) = views.pictures_jpg().values()
        view = cv2.imdecode(np.frombuffer(jpg, np.uint8), cv2.IMREAD_GRAYSCALE)
        sizes.append((view.shape, round(float(cv2.Laplacian(view, cv2.CV_32F).std()))))
    assert len(set(sizes)) == 1
    assert max(sizes[0][0]) == 224


def test_nose_between_the_eyes_means_a_frontal_face(networks: Networks, astronaut: Frame) -> None:
    landmarks = seen(networks, astronaut).landmarks
    assert landmarks is not None
    points = landmarks.points.copy()
    points[:, 1, 0] = points[:, 263, 0]  # the tip of the nose below the outer corner of an eye
    turned = Landmarks(landmarks.topology, points)
    assert frontal(landmarks)[0] > 0.7
    assert frontal(turned)[0] < 0.2
    assert frontal(landmarks[:0]).shape == (0,)


def test_untracked_faces_are_not_kept(hopper: Frame) -> None:
    views = BestViews()
    views.look(hopper, Faces.empty(), 0.0)
    views.look(hopper, Faces.from_boxes([[0, 0, 99, 99]]), 1.0)
    assert views.pictures_jpg() == {}
