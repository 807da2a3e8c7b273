"""The detector's work is spread over frames while all faces are followed, and never missing."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import numpy as np
import pytest

from realtime.core.arrays import Frame
from realtime.core.faces import Faces
from realtime.core.settings import AnalysisSettings
from realtime.engine.detection_schedule import DetectionSchedule
from realtime.track.track import Track

FRAME_S = 1 / 30
STEPS = 4
BOX = np.array([10, 10, 50, 60], np.float32)


class Stepwise:
    """A detector of `STEPS` steps that finds one face, and counts its steps."""

    def __init__(self) -> None:
        self.pictures = 0
        self.steps = 0

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        *_, faces = self.detect_in_steps(frame_bgr, min_score=min_score)
        assert faces is not None
        return faces

    def detect_in_steps(self, frame_bgr: Frame, *, min_score: float) -> Iterator[Faces | None]:
        self.pictures += 1
        for step in range(STEPS):
            self.steps += 1
            yield Faces.from_boxes([BOX]) if step + 1 == STEPS else None


class Networks:
    """Gives out one detector, whatever its name, and remembers the names."""

    def __init__(self, detector: object) -> None:
        self.own, self.names = detector, list[str]()

    def detector(self, name: str) -> object:
        self.names.append(name)
        return self.own


class Stream:
    """Frames at 30 per second."""

    def __init__(self, detector: object | None = None) -> None:
        self.detector = detector or Stepwise()
        self.networks = Networks(self.detector)
        self.schedule = DetectionSchedule()
        self.settings = AnalysisSettings()
        self.track = Track(confirmed_s=0, seen_s=0, presence=1.0, box=BOX)
        self.now_s = 0.0

    def frame(self, *, tracks: bool = True, after_s: float = FRAME_S) -> Faces | None:
        """The detections that arrive with the next frame; None if none do."""
        self.now_s += after_s
        found = self.schedule.detect(
            np.zeros((48, 64, 3), np.uint8),
            [self.track] if tracks else [],
            self.networks,  # type: ignore[arg-type]
            self.settings,
            self.now_s,
            {},
        )
        return None if found is None else found.faces


@pytest.fixture
def stream() -> Stream:
    stream = Stream()
    assert stream.frame(tracks=False) is not None
    return stream


def begin(stream: Stream) -> None:
    """Play frames until the first step of a detection was taken."""
    before = stream.detector.steps
    while stream.detector.steps == before:
        assert stream.frame() is None


def steps_of(stream: Stream, frames: int, **how: float) -> list[int]:
    """How many steps each of the next frames took."""
    taken = []
    for _ in range(frames):
        before = stream.detector.steps
        stream.frame(**how)
        taken.append(stream.detector.steps - before)
    return taken


def test_without_a_face_each_frame_gets_its_own_detection(stream: Stream) -> None:
    for _ in range(5):
        assert stream.frame(tracks=False) is not None
    assert stream.detector.pictures == 6


def test_no_frame_takes_more_than_one_step_while_faces_are_followed(stream: Stream) -> None:
    taken = steps_of(stream, 60)
    assert max(taken) == 1
    assert 5 * STEPS <= sum(taken) <= 7 * STEPS  # every 0.3 s


def test_the_detections_arrive_moved_to_where_the_face_is(stream: Stream) -> None:
    begin(stream)
    for _ in range(STEPS - 2):
        assert stream.frame() is None
        stream.track.box = stream.track.box + np.array([5, 0, 5, 0], np.float32)
    faces = stream.frame()
    assert faces is not None
    moved = 5.0 * (STEPS - 2)  # this frame's own movement is not known yet
    np.testing.assert_allclose(faces.xyxy[0], BOX + np.array([moved, 0, moved, 0]))


def test_a_slow_stream_waits_no_longer_for_detections_than_a_fast_one(stream: Stream) -> None:
    assert steps_of(stream, 5, after_s=0.1) == [0, 0, 1, STEPS - 1, 0]


@pytest.mark.parametrize("gap_s", [0.16, 1.0, 60.0])
def test_after_a_gap_the_new_picture_is_searched_at_once(stream: Stream, gap_s: float) -> None:
    begin(stream)
    pictures = stream.detector.pictures
    assert stream.frame(after_s=gap_s) is not None
    assert stream.detector.pictures == pictures + 1


def test_a_face_that_is_lost_meanwhile_is_searched_at_once(stream: Stream) -> None:
    begin(stream)
    stream.track.presence = 0.1
    assert stream.frame() is not None
    assert stream.networks.names[-1] == stream.settings.detector  # all of it, not the fallback


def test_another_detector_begins_at_once(stream: Stream) -> None:
    begin(stream)
    stream.settings = AnalysisSettings(detector="facestream-448")
    stream.frame()
    assert stream.networks.names[-1] == "facestream-448"


def test_a_detector_without_steps_does_all_its_work_on_one_frame() -> None:
    class Whole:
        steps = 0

        def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
            Whole.steps += 1
            return Faces.from_boxes([BOX])

    stream = Stream(Whole())
    stream.frame(tracks=False)
    assert steps_of(stream, 12).count(1) in (1, 2)


def test_a_detector_that_fails_is_tried_again(stream: Stream) -> None:
    class Broken(Stepwise):
        def detect_in_steps(self, frame_bgr: Frame, *, min_score: float) -> Iterator[Faces | None]:
            yield None
            raise RuntimeError("no memory")

    good, stream.networks.own = stream.networks.own, Broken()
    with pytest.raises(RuntimeError, match="no memory"):
        begin(stream)
    stream.networks.own = good
    arrived = [stream.frame() for _ in range(15)]
    assert any(faces is not None for faces in arrived)


def test_a_stream_that_moves_to_another_process_detects_at_once(stream: Stream) -> None:
    stream.frame(after_s=0.1)  # so that frames are steady
    while stream.detector.pictures == 1:  # until the next detection has begun
        assert stream.frame() is None
    stream.schedule = pickle.loads(pickle.dumps(stream.schedule))
    begun = stream.detector.pictures
    found = [stream.frame() for _ in range(STEPS)]
    assert stream.detector.pictures == begun + 1
    assert found[-1] is not None
