"""Summaries of a whole video: people, series over time, and best views."""

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
from realtime.video import best_view
from realtime.video.best_view import BestViews, frontality
from realtime.video.people import (
    MAX_STEPS,
    emotion_series,
    mask_counts,
    mask_series,
    people,
    step_times,
)
from tests.builders import answers, tracked_faces

FRAMES = 300
WITHOUT_MASK, WITH_MASK = (0.1, 0.9, 0.0), (0.9, 0.1, 0.0)
HAPPY, SAD = np.eye(7)[3], np.eye(7)[4]


@pytest.fixture(scope="module")
def table() -> FaceTable:
    """Track 4: always, without mask, happy, then sad; track 7: last third, with mask."""
    table = FaceTable()
    for frame in range(FRAMES):
        numbers = [4] if frame < 200 else [7, 4]
        faces = tracked_faces(
            numbers,
            mask=answers(MASK, [WITH_MASK if n == 7 else WITHOUT_MASK for n in numbers]),
            emotion=answers(EMOTION, [HAPPY if frame < 225 else SAD] * len(numbers)),
        )
        table.add(FrameResult(faces, (640, 480), frame / 30), frame)
    return table


def test_people_have_their_most_frequent_labels(table: FaceTable) -> None:
    first, second = people(table.rows())
    assert (first.number, first.frames, second.number, second.frames) == (4, 300, 7, 100)
    assert (second.first_s, second.last_s) == (pytest.approx(200 / 30), pytest.approx(299 / 30))
    assert first.labels == {"mask": ("without_mask", 1.0), "emotion": ("happy", 0.75)}
    assert (second.labels["mask"][0], second.labels["emotion"][0]) == ("with_mask", "sad")
    counts = mask_counts([first, second])
    assert counts == {"with_mask": 1, "without_mask": 1, "incorrect": 0, "unsure": 0}


def test_series_cover_the_whole_video(table: FaceTable) -> None:
    rows = table.rows()
    masks = mask_series(rows, FRAMES)
    assert masks.shape == (MAX_STEPS, 4)
    assert masks[0].tolist() == [0, 1, 0, 0]
    assert masks[-1].tolist() == [1, 1, 0, 0]
    assert masks.sum() == pytest.approx(MAX_STEPS * 4 / 3, abs=1)
    late = emotion_series(rows, 7, FRAMES)
    assert late[: MAX_STEPS // 2].sum() == 0
    assert late[-1].argmax() == 4
    assert late[-1].sum() == pytest.approx(1)
    times = step_times(np.arange(FRAMES) / 30)
    assert len(times) == MAX_STEPS
    assert times == sorted(times)


def test_series_of_a_short_video_have_one_step_per_frame(table: FaceTable) -> None:
    rows = table.rows()[:5]
    assert mask_series(rows, 5).tolist() == [[0, 1, 0, 0]] * 5
    assert emotion_series(rows, 4, 5).sum(axis=1) == pytest.approx(np.ones(5))
    assert len(step_times(np.arange(5) / 30)) == 5


def test_a_video_without_faces() -> None:
    rows = FaceTable().rows()
    assert people(rows) == []
    assert mask_series(rows, 9).tolist() == [[0, 0, 0, 0]] * 9


def tracked(networks: Networks, frame_bgr: Frame) -> Faces:
    faces = analyze_photo(networks, frame_bgr, AnalysisSettings()).faces
    return faces.with_(track_id=np.full(len(faces), 1, np.int64))


def test_the_large_and_sharp_view_is_kept_in_any_order(networks: Networks, hopper: Frame) -> None:
    blurred = cv2.GaussianBlur(hopper, (0, 0), 6)
    small = cv2.copyMakeBorder(
        cv2.resize(hopper, None, fx=0.3, fy=0.3), 100, 100, 200, 200, cv2.BORDER_REPLICATE
    )
    sizes = []
    for order in ((blurred, hopper, small), (hopper, small, blurred), (small, blurred, hopper)):
        views = BestViews()
        for k, picture in enumerate(order):
            frame = np.asarray(picture, np.uint8)
            views.update(frame, tracked(networks, frame), float(k))
        (jpg,) = views.pictures().values()
        view = cv2.imdecode(np.frombuffer(jpg, np.uint8), cv2.IMREAD_GRAYSCALE)
        sizes.append((view.shape, round(float(cv2.Laplacian(view, cv2.CV_32F).std()))))
    assert len(set(sizes)) == 1
    assert max(sizes[0][0]) == 224


def test_frontality_drops_when_the_nose_leaves_the_middle_of_the_eyes(
    networks: Networks, astronaut: Frame
) -> None:
    landmarks = tracked(networks, astronaut).landmarks
    assert landmarks is not None
    points = landmarks.points.copy()
    points[:, 1, 0] = points[:, 263, 0]  # nose tip below the outer corner of an eye
    assert frontality(landmarks)[0] > 0.7
    profile = Landmarks(landmarks.topology, points)
    assert frontality(profile)[0] < 0.2
    assert frontality(landmarks[:0]).shape == (0,)


def test_untracked_faces_are_ignored(hopper: Frame) -> None:
    views = BestViews()
    views.update(hopper, Faces.empty(), 0.0)
    views.update(hopper, Faces.from_boxes([[0, 0, 99, 99]]), 1.0)
    assert views.pictures() == {}


def test_views_are_limited_in_number(
    networks: Networks, hopper: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(best_view, "MAX_VIEWS", 3)
    views, faces = BestViews(), tracked(networks, hopper)
    for k in range(5):
        views.update(hopper, faces.with_(track_id=np.array([k])), float(k))
    assert list(views.pictures()) == [0, 1, 2]
