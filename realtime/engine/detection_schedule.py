"""When the detector runs on the frames of a stream, and how much of it on each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces
from realtime.core.settings import AnalysisSettings
from realtime.detect import Detector, detector_entry
from realtime.detect.types import StepwiseDetector
from realtime.engine.networks import Networks
from realtime.engine.stages import timed
from realtime.track.delayed import moved_on
from realtime.track.track import SEEN, Track

DETECT_EVERY_S = 0.3  # while all faces are followed
SEARCH_S = 0.5  # after a loss the detector runs on every frame for this time
STEP_S = 1 / 30  # time of the stream a step: one on each frame of a camera with 30 fps
MAX_GAP_S = 0.15  # between frames: after a longer one, an earlier picture says too little


class Detection(NamedTuple):
    """What a detector found.

    Attributes:
        faces: in pixels of the frame.
        sure_score: the score from which this detector is hardly ever wrong.
    """

    faces: Faces
    sure_score: float


@dataclass(slots=True, kw_only=True)
class _Run:
    """A detection that is under way.

    Attributes:
        steps: those that are left.
        name: the detector's.
        began_s: time of the picture it runs on.
        taken: number of steps that have run.
        boxes: of each face followed in that picture, its box there; known one frame later.
    """

    steps: Iterator[Faces | None]
    name: str
    began_s: float
    taken: int = 0
    boxes: dict[Track, F32] | None = None

    @classmethod
    def begin(
        cls, detector: Detector, name: str, frame_bgr: Frame, min_score: float, now_s: float
    ) -> _Run:
        """Prepare a detection; a detector that cannot spread its work does all in one step."""
        if isinstance(detector, StepwiseDetector):
            steps = detector.detect_in_steps(frame_bgr, min_score=min_score)
        else:
            steps = iter([detector.detect(frame_bgr, min_score=min_score)])
        return cls(steps=steps, name=name, began_s=now_s)

    def go_on(self, tracks: Sequence[Track], now_s: float, *, at_once: bool) -> Faces | None:
        """Take the steps that are due, or all; the faces, moved on, once the last is taken."""
        if self.taken and self.boxes is None:
            self.boxes = {track: track.box for track in tracks}
        due = math.inf if at_once else 1 + math.floor((now_s - self.began_s) / STEP_S + 0.5)
        while self.taken < due:
            self.taken += 1
            faces = next(self.steps)
            if faces is not None:
                return self._moved_on(faces, tracks, now_s)
        return None

    def _moved_on(self, faces: Faces, tracks: Sequence[Track], now_s: float) -> Faces:
        boxes = self.boxes or {}
        kept = [track for track in tracks if track in boxes]
        if not kept:
            return faces
        before = np.stack([boxes[track] for track in kept])
        return moved_on(faces, before, np.stack([track.box_at(now_s) for track in kept]))


class DetectionSchedule:
    """Runs a stream's detector: at once where a face is missing, otherwise spread over frames.

    While all faces are followed, the detector only confirms them and looks for new ones. Then it
    takes one step a frame, so that no frame pays for all of it.

    Attributes:
        every_s: time between detections while all faces are followed.
    """

    def __init__(self) -> None:
        self.every_s = DETECT_EVERY_S
        self._began_s = self._lost_s = self._frame_s = -math.inf
        self._name = ""
        self._run: _Run | None = None

    def __getstate__(self) -> dict[str, Any]:
        """All but a detection under way: a stream that moves to another process begins it anew."""
        state = dict(vars(self))
        if self._run:
            state.update(_run=None, _began_s=-math.inf)
        return state

    def restart(self) -> None:
        """Detect at once in the next frame, which shows another scene than those before."""
        self._began_s, self._run = -math.inf, None

    def face_lost(self, now_s: float) -> None:
        """Search for a face that was followed until this frame."""
        self._lost_s = now_s

    def detect(
        self,
        frame_bgr: Frame,
        tracks: Sequence[Track],
        networks: Networks,
        settings: AnalysisSettings,
        now_s: float,
        timings_ms: dict[str, float],
    ) -> Detection | None:
        """Do this frame's share of the detector's work.

        Args:
            frame_bgr: (h, w, 3) uint8.
            tracks: the faces that are followed, as the frame before showed them.
            networks: creates the detectors.
            settings: which detector, and from which score.
            now_s: time of the frame.
            timings_ms: receives the time of "detect" if there was work to do.

        Returns:
            The faces detected, moved to where they are now; None while there is no result.
        """
        steady, self._frame_s = now_s - self._frame_s <= MAX_GAP_S, now_s
        searching = (
            not tracks or now_s - self._lost_s < SEARCH_S or any(t.presence < SEEN for t in tracks)
        )
        at_once = searching or not steady
        if self._run and (at_once or self._run.name != settings.detector):
            self.restart()
        name = self._run.name if self._run else self._due(settings, now_s, searching=searching)
        if not name:
            return None
        entry = detector_entry(name)
        run, self._run = self._run, None
        with timed(timings_ms, "detect"):
            if run is None:
                least = entry.stream_min_score if settings.min_score is None else settings.min_score
                run = _Run.begin(networks.detector(name), name, frame_bgr, least, now_s)
                if name == settings.detector:
                    self._began_s, self._name = now_s, name
            faces = run.go_on(tracks, now_s, at_once=at_once)
        if faces is None:
            self._run = run
            return None
        return Detection(faces, entry.high_precision_score)

    def _due(self, settings: AnalysisSettings, now_s: float, *, searching: bool) -> str:
        """The name of the detector to run on this frame; empty if none is due."""
        if settings.detector != self._name or now_s - self._began_s >= self.every_s:
            return settings.detector
        if not searching:
            return ""
        return detector_entry(settings.detector).fast_fallback or settings.detector
