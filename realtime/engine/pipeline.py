"""A stream of frames in, followed and named faces out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import numpy as np

from realtime.attribute.classifier import FaceClassifier
from realtime.attribute.doubts import Answers, Verdict, judged, with_gender
from realtime.core.faces import (
    EMOTION_LABELS,
    F32,
    GENDER_LABELS,
    MASK_LABELS,
    Faces,
    Frame,
    FrameResult,
)
from realtime.core.settings import AnalysisSettings
from realtime.detect import detector_entry
from realtime.engine.networks import Networks
from realtime.landmark.align import five_points
from realtime.landmark.smoothing import FollowedFaces
from realtime.track.filters import FollowedAnswer
from realtime.track.tracker import SEEN, Track, Tracker

DETECT_EVERY_S = 0.3  # while all faces are followed
SEARCH_S = 0.5  # after a loss the detector runs on every frame for so long
CLASSIFY_BUDGET_MS = 3.0  # per frame; faces beyond it have their turn in the next frames


class Pipeline:
    """Follows the faces of one stream; used by one thread at a time.

    Args:
        networks: what to run; its own for each stream that is to run beside others.
        settings: replace the attribute of that name at any time: the next frame obeys it.
    """

    def __init__(self, networks: Networks, settings: AnalysisSettings | None = None) -> None:
        self.settings = settings or AnalysisSettings()
        self._networks = networks
        self._tracker = Tracker()
        self._followed = FollowedFaces()
        self._detected_s = -math.inf
        self._lost_s = -math.inf
        self._detector = ""
        self._classify_ms = 1.0  # one face through one classifier, measured as we go

    def process(self, frame_bgr: Frame, now_s: float) -> FrameResult:
        """Analyse the next frame.

        Args:
            frame_bgr: (h, w, 3) uint8.
            now_s: when it was captured; must not go backwards.

        Returns:
            The followed faces, oldest track first, with smoothed landmarks and probabilities (rows
            of NaN until a face's first turn).
        """
        settings, tracker, timings = self.settings, self._tracker, dict[str, float]()
        chosen = self._detector_due(settings, now_s)
        if chosen:
            entry = detector_entry(chosen)
            least = entry.stream_min_score if settings.min_score is None else settings.min_score
            with _timed(timings, "detect"):
                detected = self._networks.detector(chosen).detect(frame_bgr, min_score=least)
            if chosen == settings.detector:
                self._detected_s, self._detector = now_s, chosen
            tracker.match(
                detected, now_s, max_faces=settings.max_faces, sure_score=entry.high_precision_score
            )
        with _timed(timings, "mesh"):
            landmarks, presence = self._networks.mesh(frame_bgr, tracker.regions())
        with _timed(timings, "track"):
            tracker.update(landmarks, presence, now_s, max_faces=settings.max_faces)
            if tracker.lost_now:
                self._lost_s = now_s
            tracks, faces = tracker.report()
        with _timed(timings, "classify"):
            faces = self._classify(frame_bgr, tracks, faces, settings, now_s)
        if settings.measures or settings.gaze or settings.landmarks != "mesh":
            with _timed(timings, "landmarks"):
                faces = self._points(frame_bgr, faces, settings, now_s)
        height, width = frame_bgr.shape[:2]
        return FrameResult(faces, (width, height), now_s, timings)

    def _detector_due(self, settings: AnalysisSettings, now_s: float) -> str:
        """The name of the detector that is to see this frame; empty if none is."""
        if settings.detector != self._detector or now_s - self._detected_s >= DETECT_EVERY_S:
            return settings.detector
        tracks = self._tracker.tracks
        searching = (
            not tracks or now_s - self._lost_s < SEARCH_S or any(t.presence < SEEN for t in tracks)
        )
        if not searching:
            return ""
        return detector_entry(settings.detector).fast_fallback or settings.detector

    def _points(
        self, frame_bgr: Frame, faces: Faces, settings: AnalysisSettings, now_s: float
    ) -> Faces:
        """Measure the mesh if asked, and put the chosen landmarks in its place."""
        points = self._networks.other_points(frame_bgr, faces, settings)
        if settings.measures:
            size_wh = (frame_bgr.shape[1], frame_bgr.shape[0])
            faces = self._followed.measured(faces, size_wh, now_s)
        if settings.gaze:
            mesh = faces.landmarks if len(faces) else np.zeros((0, 468, 3), np.float32)
            assert mesh is not None
            gaze = self._networks.iris(frame_bgr, mesh)
            faces = self._followed.with_gaze(faces, gaze, now_s)
        return faces if points is None else self._followed.with_points(faces, points, now_s)

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
        five = five_points(faces.landmarks)
        wanted = int(settings.mask) + int(settings.emotion) + int(settings.gender)
        share_ms = CLASSIFY_BUDGET_MS / max(wanted, 1)
        masks, emotions = [t.mask for t in tracks], [t.emotion for t in tracks]
        mask = emotion = None
        if settings.mask:
            self._refresh(self._networks.mask, frame_bgr, five, masks, share_ms, now_s)
            mask = _answers(masks, len(MASK_LABELS))
        if settings.emotion:
            self._refresh(self._networks.emotion, frame_bgr, five, emotions, share_ms, now_s)
            emotion = _answers(emotions, len(EMOTION_LABELS))
        faces = self._judged(tracks, faces, mask, emotion, call_unsure=settings.unsure)
        if settings.gender:
            genders = [t.gender for t in tracks]
            self._refresh(self._networks.gender, frame_bgr, five, genders, share_ms, now_s)
            faces = self._with_gender(genders, faces, call_unsure=settings.unsure)
        return faces

    def _refresh(
        self,
        classifier: FaceClassifier,
        frame_bgr: Frame,
        five: F32,
        followed: list[FollowedAnswer],
        share_ms: float,
        now_s: float,
    ) -> None:
        count = max(1, int(share_ms / self._classify_ms))
        turn = np.argsort([f.updated_s for f in followed], kind="stable")[:count]
        start = perf_counter()
        answers = classifier(frame_bgr, five[turn])
        cost_ms = (perf_counter() - start) * 1e3 / len(turn)
        self._classify_ms += 0.1 * (cost_ms - self._classify_ms)
        for i, prob, sharpness in zip(turn, *answers, strict=True):
            followed[i].update(prob, float(sharpness), now_s)

    def _judged(
        self,
        tracks: list[Track],
        faces: Faces,
        mask: Answers | None,
        emotion: Answers | None,
        *,
        call_unsure: bool,
    ) -> Faces:
        """Judge the smoothed answers, and note the verdict for the next frame's."""
        before = Verdict(
            masked=np.array([t.masked for t in tracks]),
            mask_doubt=np.array([t.mask.doubt for t in tracks], np.uint8),
            emotion_doubt=np.array([t.emotion.doubt for t in tracks], np.uint8),
        )
        rules = self._networks.rules
        faces = judged(faces, mask, emotion, rules, call_unsure=call_unsure, before=before)
        for i, track in enumerate(tracks):
            track.masked = faces.masked is not None and bool(faces.masked[i])
            track.mask.doubt = 0 if faces.mask_doubt is None else int(faces.mask_doubt[i])
            track.emotion.doubt = 0 if faces.emotion_doubt is None else int(faces.emotion_doubt[i])
        return faces

    def _with_gender(
        self, genders: list[FollowedAnswer], faces: Faces, *, call_unsure: bool
    ) -> Faces:
        """As `_judged`, of gender."""
        before = np.array([g.doubt for g in genders], np.uint8)
        answers, unsure = _answers(genders, len(GENDER_LABELS)), self._networks.gender.unsure
        faces = with_gender(faces, answers, unsure, call_unsure=call_unsure, before=before)
        for i, gender in enumerate(genders):
            gender.doubt = 0 if faces.gender_doubt is None else int(faces.gender_doubt[i])
        return faces


def _answers(followed: list[FollowedAnswer], labels: int) -> Answers:
    unknown = np.full(labels, np.nan, np.float32)
    prob = np.stack([unknown if f.prob is None else f.prob for f in followed])
    return Answers(prob, np.array([f.sharpness for f in followed], np.float32))


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = perf_counter()
    yield
    timings[stage] = (perf_counter() - start) * 1e3
