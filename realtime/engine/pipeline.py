"""A stream of frames in, followed and classified faces out."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np

from realtime.attribute.classifier import Scores
from realtime.attribute.registry import Attribute, enabled
from realtime.attribute.verdict import Verdict, judge
from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces, FrameResult
from realtime.core.landmarks import MESH468, Landmarks
from realtime.core.settings import AnalysisSettings
from realtime.engine.detection_schedule import DETECT_EVERY_S as DETECT_EVERY_S
from realtime.engine.detection_schedule import DetectionSchedule
from realtime.engine.networks import Networks
from realtime.engine.stages import timed
from realtime.landmark.registry import landmarker_entry
from realtime.track.cuts import CutDetector
from realtime.track.filters import SmoothedScores
from realtime.track.held_label import hold
from realtime.track.smoothing import LandmarkSmoother
from realtime.track.track import Track
from realtime.track.tracker import Tracker

CLASSIFY_BUDGET_MS = 3.0  # per frame; the other faces have their turn in the next frames
CLEAR_PROB = 0.8  # an averaged answer from here on is asked for less often:
CLEAR_ANSWERS = 3  # in the time over which it is averaged
HALF_FRAME_S = 1 / 60  # what is due before the next frame of a camera is done in this one


class Pipeline:
    """Follows the faces of one stream; used by one thread at a time.

    Args:
        networks: what to run; parallel streams need an instance each.
        settings: what to look for.
        first_track_id: number of the first face.
        refresh_clear: whether clear answers are refreshed on every frame, too, as files are
            analysed. A live stream leaves that time to other viewers.

    Attributes:
        networks, settings: assign to them at any time; they take effect with the next frame.

    Example:
        >>> pipeline = Pipeline(Networks())
        >>> result = pipeline.process(np.zeros((240, 320, 3), np.uint8), now_s=0.0)
        >>> len(result.faces), result.size_wh
        (0, (320, 240))
    """

    def __init__(
        self,
        networks: Networks,
        settings: AnalysisSettings | None = None,
        *,
        first_track_id: int = 1,
        refresh_clear: bool = True,
    ) -> None:
        self._refresh_clear = refresh_clear
        self.settings = settings or AnalysisSettings()
        self.networks = networks
        self._schedule = DetectionSchedule()
        self._tracker = Tracker(first_track_id)
        self._is_cut = CutDetector()
        self._smoother = LandmarkSmoother()
        self._classify_ms = 1.0  # one face through one classifier, a running average
        self._last_s = -math.inf  # time of the frame before

    @property
    def detect_every_s(self) -> float:
        """Time between detections while all faces are followed; assign to it at any time."""
        return self._schedule.every_s

    @detect_every_s.setter
    def detect_every_s(self, seconds: float) -> None:
        self._schedule.every_s = seconds

    def process(self, frame_bgr: Frame, now_s: float) -> FrameResult:
        """Analyse the next frame.

        Args:
            frame_bgr: (h, w, 3) uint8.
            now_s: when it was captured, in seconds; must not decrease.

        Returns:
            The followed faces, oldest track first, with smoothed landmarks and probabilities (rows
            of NaN until a face's first turn).
        """
        settings, tracker, timings = self.settings, self._tracker, dict[str, float]()
        if self._is_cut(frame_bgr):
            tracker.end_all()
            self._schedule.restart()
        found = self._schedule.detect(
            frame_bgr, tracker.tracks, self.networks, settings, now_s, timings
        )
        if found:
            tracker.match(
                found.faces, now_s, max_faces=settings.max_faces, sure_score=found.sure_score
            )
        with timed(timings, "mesh"):
            follower = self.networks.follower(settings)
            landmarks, presence = follower(frame_bgr, tracker.regions(now_s))
        with timed(timings, "track"):
            tracker.update(landmarks, presence, now_s, max_faces=settings.max_faces)
            if tracker.lost_now:
                self._schedule.face_lost(now_s)
            tracks, faces = tracker.report()
        with timed(timings, "classify"):
            faces = self._classify(frame_bgr, tracks, faces, settings, now_s)
        other = not landmarker_entry(settings.landmarks).follows
        if settings.measures or settings.gaze or other:
            with timed(timings, "landmarks"):
                faces = self._landmarks(frame_bgr, faces, settings, now_s)
        self._last_s = now_s
        height, width = frame_bgr.shape[:2]
        return FrameResult(faces, (width, height), now_s, timings)

    def _landmarks(
        self, frame_bgr: Frame, faces: Faces, settings: AnalysisSettings, now_s: float
    ) -> Faces:
        """Measure the mesh if requested, and replace it by the chosen landmarks."""
        other = self.networks.other_landmarks(frame_bgr, faces, settings)
        if settings.measures:
            size_wh = (frame_bgr.shape[1], frame_bgr.shape[0])
            faces = self._smoother.measure(faces, size_wh, now_s)
        if settings.gaze:
            mesh = faces.landmarks or Landmarks.empty(MESH468)
            gaze = self.networks.iris(frame_bgr, mesh)
            faces = self._smoother.with_gaze(faces, gaze, now_s)
        return faces if other is None else self._smoother.with_landmarks(faces, other, now_s)

    def _classify(
        self,
        frame_bgr: Frame,
        tracks: list[Track],
        faces: Faces,
        settings: AnalysisSettings,
        now_s: float,
    ) -> Faces:
        """Give each classifier its share of the budget, the oldest answers first."""
        if not tracks or faces.landmarks is None:
            return faces
        five, attributes = faces.landmarks.five(), enabled(settings)
        share_ms = CLASSIFY_BUDGET_MS / max(len(attributes), 1)
        scores, thresholds = {}, {}
        for attribute in attributes:
            smoothed = [t.scores_of(attribute.name, attribute.smoothing_s) for t in tracks]
            self._refresh(attribute, frame_bgr, five, smoothed, share_ms, now_s)
            scores[attribute.name] = _scores(smoothed, len(attribute.labels))
            thresholds[attribute.name] = self.networks.classifier(attribute.name).unsure
        previous = Verdict(
            masked=np.array([t.masked for t in tracks]),
            doubt={
                name: np.array([t.scores[name].doubt for t in tracks], np.uint8) for name in scores
            },
        )
        faces = judge(faces, scores, thresholds, call_unsure=settings.unsure, previous=previous)
        return self._hold(tracks, faces, now_s)

    def _refresh(
        self,
        attribute: Attribute,
        frame_bgr: Frame,
        five: F32,
        smoothed: list[SmoothedScores],
        share_ms: float,
        now_s: float,
    ) -> None:
        """Run one classifier on the faces that are due, as many as its share of the budget allows.

        A clear answer changes little with one more, so a live stream does not refresh it on every
        frame, nor on two frames in a row where a full machine leaves few.
        """
        due_s = np.array([self._due_s(s, attribute) for s in smoothed])
        count = max(1, int(share_ms / self._classify_ms))
        turn = np.argsort(due_s, kind="stable")[:count]
        turn = turn[due_s[turn] <= now_s + HALF_FRAME_S]
        if not len(turn):
            return
        start = perf_counter()
        said = self.networks.classifier(attribute.name)(frame_bgr, five[turn])
        cost_ms = (perf_counter() - start) * 1e3 / len(turn)
        self._classify_ms += 0.1 * (cost_ms - self._classify_ms)
        for i, prob, sharpness in zip(turn, *said, strict=True):
            smoothed[i].update(prob, float(sharpness), now_s)

    def _due_s(self, scores: SmoothedScores, attribute: Attribute) -> float:
        """When a face's answer is to be refreshed; infinite: not on this frame."""
        clear = scores.prob is not None and scores.prob.max() >= CLEAR_PROB
        if self._refresh_clear or not clear:
            return scores.updated_s
        if scores.updated_s >= self._last_s:
            return math.inf
        return scores.updated_s + attribute.smoothing_s / CLEAR_ANSWERS

    @staticmethod
    def _hold(tracks: list[Track], faces: Faces, now_s: float) -> Faces:
        """Keep the verdict for the next frame's, and show the labels that have held for a while."""
        held = {}
        for i, track in enumerate(tracks):
            track.masked = faces.masked is not None and bool(faces.masked[i])
        for name, answers in faces.attributes.items():
            own = [track.scores[name] for track in tracks]
            for i, scores in enumerate(own):
                scores.doubt = 0 if answers.doubt is None else int(answers.doubt[i])
            held[name] = hold([scores.label for scores in own], answers, now_s)
        return faces.with_(attributes=held)


def _scores(smoothed: list[SmoothedScores], labels: int) -> Scores:
    unknown = np.full(labels, np.nan, np.float32)
    prob = np.stack([unknown if s.prob is None else s.prob for s in smoothed])
    return Scores(prob, np.array([s.sharpness for s in smoothed], np.float32))
