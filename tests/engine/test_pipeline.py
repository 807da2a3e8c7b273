"""The pipeline on moving real faces: found at once, followed, named, and let go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from models import Unsure
from realtime.attribute.doubts import Answers, Rules
from realtime.core.faces import Doubt, Frame, FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.detect import DETECTORS, detector_entry
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline

FRAME_S = 1 / 30


def placed(face: Frame, x: float, y: float, size_wh: tuple[int, int] = (640, 480)) -> Frame:
    """The picture moved so that its top left corner is at (x, y)."""
    shift = np.array([[1, 0, x], [0, 1, y]], np.float32)
    return np.asarray(cv2.warpAffine(face, shift, size_wh), np.uint8)


def run(pipeline: Pipeline, frames: list[Frame], start_s: float = 0.0) -> list[FrameResult]:
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


def test_the_detector_rests_while_faces_are_followed(pipeline: Pipeline, astronaut: Frame) -> None:
    results = run(pipeline, moving(astronaut, 60))
    detected = sum("detect" in r.timings_ms for r in results)
    assert 2 <= detected <= 12


def test_mask_and_emotion_are_probabilities(pipeline: Pipeline, astronaut: Frame) -> None:
    faces = run(pipeline, moving(astronaut))[-1].faces
    assert faces.mask_prob is not None
    assert faces.emotion_prob is not None
    assert faces.mask_prob.sum() == pytest.approx(1, abs=1e-3)
    assert faces.emotion_prob.sum() == pytest.approx(1, abs=1e-3)


def test_a_bare_smiling_face_is_called_so(pipeline: Pipeline, astronaut: Frame) -> None:
    faces = run(pipeline, moving(astronaut))[-1].faces
    assert faces.mask_prob is not None
    assert faces.emotion_prob is not None
    assert faces.mask_prob[0].argmax() == 1
    assert faces.emotion_prob[0].argmax() == 3


def test_a_face_that_leaves_is_let_go_and_an_empty_picture_is_no_error(
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
    pipeline.settings = replace(pipeline.settings, emotion=False, detector="blazeface-short")
    result = run(pipeline, frames[:1], start_s=2.0)[0]
    assert result.faces.emotion_prob is None
    assert result.faces.mask_prob is not None
    assert "detect" in result.timings_ms


def test_a_search_asks_the_faster_detector_between_the_slower_ones_looks(
    networks: Networks, astronaut: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = replace(detector_entry("blazeface-full"), fast_fallback="blazeface-short")
    monkeypatch.setitem(DETECTORS, "blazeface-full", slow)
    asked = []
    make = networks.detector
    monkeypatch.setattr(networks, "detector", lambda name: asked.append(name) or make(name))
    pipeline = Pipeline(networks, AnalysisSettings("blazeface-full"))
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
    assert faces.emotion_prob is not None
    assert not np.isnan(faces.emotion_prob).any()


@pytest.fixture
def strict(networks: Networks) -> Iterator[Callable[[Unsure, Unsure], None]]:
    """Sets the rules for mask and emotion that the networks go by, until the test ends."""
    kept = networks.rules
    yield lambda mask, emotion: setattr(networks, "rules", Rules(mask, emotion))
    networks.rules = kept


def test_faces_too_blurred_to_tell_are_unsure_unless_that_is_switched_off(
    pipeline: Pipeline, astronaut: Frame, strict: Callable[[Unsure, Unsure], None]
) -> None:
    strict(Unsure(least_sharpness=0.4), Unsure(least_sharpness=0.4))
    clear = moving(astronaut, 60)
    blurred = [np.asarray(cv2.GaussianBlur(frame, (0, 0), 4), np.uint8) for frame in clear]
    assert run(pipeline, clear)[-1].faces.emotion_sure.tolist() == [True]
    faces = run(pipeline, blurred, start_s=2.0)[-1].faces
    assert faces.mask_doubts(0) == faces.emotion_doubts(0) == [Doubt.BLURRED]
    pipeline.settings = replace(pipeline.settings, unsure=False)
    faces = run(pipeline, blurred, start_s=4.0)[-1].faces
    assert faces.emotion_of(0) is not None
    assert faces.emotion_sure.tolist() == [True]


def test_an_answer_near_the_threshold_does_not_flicker(
    pipeline: Pipeline, networks: Networks, astronaut: Frame, monkeypatch: pytest.MonkeyPatch,
    strict: Callable[[Unsure, Unsure], None],
) -> None:  # fmt: skip
    """Frame by frame the likeliest emotion swings widely to both sides of the threshold."""
    rng = np.random.default_rng(0)

    def noisy(frame_bgr: Frame, five: np.ndarray) -> Answers:
        top = rng.uniform(0.35, 0.65, (len(five), 1))
        prob = np.hstack([top, *[(1 - top) / 6] * 6]).astype(np.float32)
        return Answers(prob, np.ones(len(five), np.float32))

    monkeypatch.setattr(networks, "emotion", noisy)
    strict(Unsure(), Unsure(confidence=0.5))
    results = run(pipeline, moving(astronaut, 300))
    sure = [bool(result.faces.emotion_sure[0]) for result in results[15:]]
    assert np.count_nonzero(np.diff(sure)) <= 1
    single = rng.uniform(0.35, 0.65, 285) >= 0.5
    assert np.count_nonzero(np.diff(single)) > 50  # what it would be without smoothing


def test_a_masked_faces_emotion_is_less_certain(
    pipeline: Pipeline, networks: Networks, astronaut: Frame, monkeypatch: pytest.MonkeyPatch,
    strict: Callable[[Unsure, Unsure], None],
) -> None:  # fmt: skip
    def masked(frame_bgr: Frame, five: np.ndarray) -> Answers:
        return Answers(np.array([[0.95, 0.05, 0]] * len(five), np.float32), np.ones(len(five)))

    bare = run(pipeline, moving(astronaut))[-1].faces
    monkeypatch.setattr(networks, "mask", masked)
    strict(Unsure(), Unsure(masked_temperature=4, masked_confidence=0.99))
    covered = run(pipeline, moving(astronaut, 60), start_s=2.0)[-1].faces
    assert bare.emotion_prob is not None
    assert covered.emotion_prob is not None
    assert bare.emotion_of(0) == ("happy", pytest.approx(bare.emotion_prob.max()))
    assert covered.emotion_prob.max() < bare.emotion_prob.max() - 0.05
    assert covered.emotion_doubts(0) == [Doubt.CLOSE]
    assert covered.masked is not None
    assert covered.masked.tolist() == [True]


def test_two_streams_number_their_own_faces(networks: Networks, astronaut: Frame) -> None:
    first, second = Pipeline(networks), Pipeline(networks)
    for pipeline in (first, second):
        faces = run(pipeline, moving(astronaut, 3))[-1].faces
        assert faces.track_id is not None
        assert faces.track_id.tolist() == [1]


def test_a_frame_of_another_size_in_mid_stream_is_no_error(
    pipeline: Pipeline, astronaut: Frame
) -> None:
    run(pipeline, moving(astronaut, 5))
    larger = placed(astronaut, 300, 100, (1280, 720))
    results = run(pipeline, [larger] * 5, start_s=1.0)
    assert len(results[-1].faces) == 1


@pytest.mark.parametrize(
    ("changes", "message"), [({"min_score": 0.0}, "min_score"), ({"max_faces": 0}, "max_faces")]
)
def test_settings_out_of_range_are_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AnalysisSettings(**changes)  # type: ignore[arg-type]
