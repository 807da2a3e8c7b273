"""The pipeline on moving real faces: detected at once, tracked, classified and dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from models import Unsure
from realtime.core.answers import Doubt
from realtime.core.arrays import Frame
from realtime.core.faces import FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.detect import DETECTORS, detector_entry
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from tests.builders import StubClassifier, replace_classifier

Strict = Callable[[Unsure, Unsure], None]

FRAME_S = 1 / 30


def placed(face: Frame, x: float, y: float, size_wh: tuple[int, int] = (640, 480)) -> Frame:
    """The picture moved so that its top left corner is at (x, y)."""
    shift = np.array([[1, 0, x], [0, 1, y]], np.float32)
    return np.asarray(cv2.warpAffine(face, shift, size_wh), np.uint8)


def run(pipeline: Pipeline, frames: Iterable[Frame], start_s: float = 0.0) -> list[FrameResult]:
    return [pipeline.process(frame, start_s + i * FRAME_S) for i, frame in enumerate(frames)]


@pytest.fixture
def pipeline(networks: Networks) -> Pipeline:
    return Pipeline(networks)


def moving(face: Frame, n: int = 30) -> list[Frame]:
    return [placed(face, 60 + 40 * np.sin(i / 6), 20 * np.cos(i / 6)) for i in range(n)]


def test_a_moving_face_is_found_at_once_and_keeps_its_number(
    pipeline: Pipeline, astronaut: Frame
) -> None:
    results = run(pipeline, moving(astronaut, 60))
    for i, result in enumerate(results):
        assert result.faces.track_id is not None
        assert result.faces.track_id.tolist() == [1]
        centre = (result.faces.xyxy[0, :2] + result.faces.xyxy[0, 2:]) / 2
        expected = np.array([225 + 60 + 40 * np.sin(i / 6), 123 + 20 * np.cos(i / 6)])
        assert np.abs(centre - expected).max() < 12
    assert results[0].size_wh == (640, 480)


def test_the_detector_rests_while_faces_are_followed(
    networks: Networks, astronaut: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    make = networks.detector
    monkeypatch.setattr(networks, "detector", lambda name: asked.append(name) or make(name))
    run(Pipeline(networks), moving(astronaut, 60))
    assert 2 <= len(asked) <= 12


def test_mask_and_emotion_are_probabilities(pipeline: Pipeline, astronaut: Frame) -> None:
    faces = run(pipeline, moving(astronaut))[-1].faces
    assert list(faces.attributes) == ["mask", "emotion"]
    for answers in faces.attributes.values():
        assert answers.prob.sum() == pytest.approx(1, abs=1e-3)


def test_bare_smiling_face_is_labelled_no_mask_and_happy(
    pipeline: Pipeline, astronaut: Frame
) -> None:
    faces = run(pipeline, moving(astronaut))[-1].faces
    assert faces.attributes["mask"].prob[0].argmax() == 1
    assert faces.attributes["emotion"].prob[0].argmax() == 3


def test_face_that_leaves_is_dropped_and_empty_frames_are_accepted(
    pipeline: Pipeline, astronaut: Frame
) -> None:
    run(pipeline, moving(astronaut))
    empty = [np.full((480, 640, 3), 90, np.uint8)] * 3
    results = run(pipeline, empty, start_s=2.0)
    assert len(results[-1].faces) == 0
    assert results[-1].faces.landmarks is None


def test_settings_take_effect_with_the_next_frame(pipeline: Pipeline, astronaut: Frame) -> None:
    frames = moving(astronaut)
    run(pipeline, frames)
    only_mask = frozenset({"mask"})
    pipeline.settings = replace(pipeline.settings, attributes=only_mask, detector="blazeface-short")
    result = run(pipeline, frames[:1], start_s=2.0)[0]
    assert set(result.faces.attributes) == only_mask
    assert "detect" in result.timings_ms


def test_search_uses_the_fast_detector_between_runs_of_the_slow_one(
    networks: Networks, astronaut: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = replace(detector_entry("blazeface-full"), fast_fallback="blazeface-short")
    monkeypatch.setitem(DETECTORS, "blazeface-full", slow)
    asked = []
    make = networks.detector
    monkeypatch.setattr(networks, "detector", lambda name: asked.append(name) or make(name))
    pipeline = Pipeline(networks, AnalysisSettings(detector="blazeface-full"))
    run(pipeline, [np.full((480, 640, 3), 90, np.uint8)] * 20)  # two thirds of a second
    assert len(asked) == 20
    assert [i for i, name in enumerate(asked) if name == "blazeface-full"] == [0, 9, 18]
    asked.clear()
    run(pipeline, moving(astronaut, 20), start_s=1.0)
    assert asked[0] == "blazeface-full"
    assert "blazeface-short" not in asked[1:]  # the face is followed: no search


def test_every_face_has_its_turn_in_a_crowd(networks: Networks, astronaut: Frame) -> None:
    head = cv2.resize(astronaut[20:230, 120:330], (128, 128), interpolation=cv2.INTER_AREA)
    crowd = np.asarray(np.tile(head, (3, 5, 1)), np.uint8)
    pipeline = Pipeline(networks, AnalysisSettings(max_faces=15))
    frames = [placed(crowd, 2 * np.sin(i), 40) for i in range(40)]
    faces = run(pipeline, frames)[-1].faces
    assert len(faces) == 15
    assert not np.isnan(faces.attributes["emotion"].prob).any()


@pytest.fixture
def strict(networks: Networks, monkeypatch: pytest.MonkeyPatch) -> Strict:
    """Replaces the thresholds of the mask and emotion classifiers until the test ends."""

    def replace_thresholds(mask: Unsure, emotion: Unsure) -> None:
        for name, unsure in (("mask", mask), ("emotion", emotion)):
            monkeypatch.setattr(networks.classifier(name), "unsure", unsure)

    return replace_thresholds


def test_blurred_faces_are_unsure_unless_that_is_switched_off(
    pipeline: Pipeline, astronaut: Frame, strict: Strict
) -> None:
    strict(Unsure(min_sharpness=0.4), Unsure(min_sharpness=0.4))
    clear = moving(astronaut, 60)
    blurred = [np.asarray(cv2.GaussianBlur(frame, (0, 0), 4), np.uint8) for frame in clear]
    clear_faces = run(pipeline, clear)[-1].faces
    assert clear_faces.attributes["emotion"].sure.tolist() == [True]
    faces = run(pipeline, blurred, start_s=2.0)[-1].faces
    for answers in faces.attributes.values():
        assert answers.doubts(0) == [Doubt.BLURRED]
    pipeline.settings = replace(pipeline.settings, unsure=False)
    faces = run(pipeline, blurred, start_s=4.0)[-1].faces
    assert faces.label("emotion", 0) is not None
    assert faces.attributes["emotion"].sure.tolist() == [True]


def test_answer_near_the_threshold_does_not_flicker(
    pipeline: Pipeline, astronaut: Frame, monkeypatch: pytest.MonkeyPatch, strict: Strict
) -> None:
    """The top probability swings widely around the threshold from frame to frame."""
    rng = np.random.default_rng(0)

    def noisy(n: int) -> np.ndarray:
        top = rng.uniform(0.35, 0.65, (n, 1))
        return np.hstack([top, *[(1 - top) / 6] * 6])

    replace_classifier(monkeypatch, "emotion", StubClassifier(noisy))
    strict(Unsure(), Unsure(confidence=0.5))
    results = run(pipeline, moving(astronaut, 300))
    sure = [bool(result.faces.attributes["emotion"].sure[0]) for result in results[15:]]
    assert np.count_nonzero(np.diff(sure)) <= 1
    single = rng.uniform(0.35, 0.65, 285) >= 0.5
    assert np.count_nonzero(np.diff(single)) > 50  # what it would be without smoothing


def test_a_label_that_is_on_top_for_moments_only_is_not_shown(
    pipeline: Pipeline, astronaut: Frame, monkeypatch: pytest.MonkeyPatch, strict: Strict
) -> None:
    shown = 0

    def clip() -> Iterator[Frame]:
        nonlocal shown
        for frame in moving(astronaut, 120):
            yield frame
            shown += 1

    def restless(n: int) -> np.ndarray:
        """Happy, but for 0.4 of every 0.8 s sad."""
        return np.tile(np.eye(7)[4 if shown % 24 >= 12 else 3], (n, 1))

    replace_classifier(monkeypatch, "emotion", StubClassifier(restless))
    strict(Unsure(), Unsure(confidence=0.5))
    emotions = [result.faces for result in run(pipeline, clip())]
    assert {faces.label("emotion", 0)[0] for faces in emotions} == {"happy"}  # type: ignore[index]
    most_probable = {int(faces.attributes["emotion"].prob[0].argmax()) for faces in emotions}
    assert most_probable == {3, 4}


@pytest.mark.parametrize(
    ("top", "every_s", "share"),
    [(0.95, 1 / 30, 0.4), (0.6, 1 / 30, 1.0), (0.95, 0.2, 0.5), (0.6, 0.2, 1.0)],
)
def test_a_live_stream_refreshes_clear_answers_less_often(
    networks: Networks,
    astronaut: Frame,
    monkeypatch: pytest.MonkeyPatch,
    top: float,
    every_s: float,
    share: float,
) -> None:
    calls = []

    def answer(n: int) -> np.ndarray:
        calls.append(n)
        return np.tile([top, *[(1 - top) / 6] * 6], (n, 1))

    replace_classifier(monkeypatch, "emotion", StubClassifier(answer))
    pipeline = Pipeline(networks, refresh_clear=False)
    frames = enumerate(moving(astronaut, 60))
    results = [pipeline.process(frame, k * every_s) for k, frame in frames]
    assert all(len(result.faces) == 1 for result in results)
    assert 0.7 * share <= len(calls) / 60 <= share
    assert not any(np.isnan(r.faces.attributes["emotion"].prob).any() for r in results)


def test_emotion_of_a_masked_face_is_less_certain(
    pipeline: Pipeline, astronaut: Frame, monkeypatch: pytest.MonkeyPatch, strict: Strict
) -> None:
    bare = run(pipeline, moving(astronaut))[-1].faces
    replace_classifier(monkeypatch, "mask", StubClassifier(lambda n: [[0.95, 0.05, 0]] * n))
    strict(Unsure(), Unsure(masked_temperature=4, masked_confidence=0.99))
    covered = run(pipeline, moving(astronaut, 60), start_s=2.0)[-1].faces
    bare_emotion, emotion = bare.attributes["emotion"], covered.attributes["emotion"]
    assert bare_emotion.label(0) == ("happy", pytest.approx(bare_emotion.prob.max()))
    assert emotion.prob.max() < bare_emotion.prob.max() - 0.05
    assert emotion.doubts(0) == [Doubt.CLOSE]
    assert covered.masked is not None
    assert covered.masked.tolist() == [True]


def test_two_streams_number_their_own_faces(networks: Networks, astronaut: Frame) -> None:
    first, second = Pipeline(networks), Pipeline(networks)
    for pipeline in (first, second):
        faces = run(pipeline, moving(astronaut, 3))[-1].faces
        assert faces.track_id is not None
        assert faces.track_id.tolist() == [1]


def test_frame_size_may_change_during_a_stream(pipeline: Pipeline, astronaut: Frame) -> None:
    run(pipeline, moving(astronaut, 5))
    larger = placed(astronaut, 300, 100, (1280, 720))
    results = run(pipeline, [larger] * 5, start_s=1.0)
    assert len(results[-1].faces) == 1


@pytest.mark.parametrize(
    ("changes", "message"), [({"min_score": 0.0}, "min_score"), ({"max_faces": 0}, "max_faces")]
)
def test_settings_out_of_range_raise_an_error(changes: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AnalysisSettings(**changes)  # type: ignore[arg-type]
