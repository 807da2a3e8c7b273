"""Hiding faces: every place where a face may be, followed or not."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Faces, Frame, FrameResult
from realtime.core.settings import AnalysisSettings, Hiding
from realtime.detect import detector_entry
from realtime.engine.networks import Networks
from realtime.render.hiding import face_ovals, hide_ovals

# Lower than what counts as a face: here a miss costs more than a false alarm.
MIN_SCORE = 0.3  # at most, and no more than this share of the detector's own minimum score
MIN_SCORE_SHARE = 0.6
BOX_SHARE = 0.8  # of an oval: the face in it, with a margin
HOLD_S = 0.5  # a place stays hidden for this time after a face was last seen there


class FaceHider:
    """Hides, in every frame, what the detector finds in that frame and found just before.

    The pipeline alone is not enough: it detects a few times per second and reports a face only once
    it is certain, so a person who walks in would be visible for some frames.

    Attributes:
        networks: what to run; assign to it at any time.
    """

    def __init__(self, networks: Networks) -> None:
        self.networks = networks
        self._before: deque[_Places] = deque()

    def apply(
        self, frame_bgr: Frame, result: FrameResult, settings: AnalysisSettings, hiding: Hiding
    ) -> None:
        """Hide the faces in place.

        Args:
            frame_bgr: (h, w, 3) uint8, its faces still visible.
            result: the pipeline's result for this frame.
            settings: the pipeline's settings.
            hiding: how to hide faces.
        """
        detector = self.networks.detector(settings.detector)
        least = min(MIN_SCORE, MIN_SCORE_SHARE * detector_entry(settings.detector).stream_min_score)
        found = detector.detect(frame_bgr, min_score=least)
        now = _places(result.faces, found, result.time_s)
        while self._before and now.time_s - self._before[0].time_s > HOLD_S:
            self._before.popleft()
        lost = [places.ovals[_kept(places, now)] for places in self._before]
        self._before.append(now)
        # A face at rest has almost the same oval in each frame: hide each place once.
        steps = np.array([8, 8, 8, 8, 15], np.float32)
        held = np.unique(np.rint(np.concatenate([now.ovals[:0], *lost]) / steps), axis=0) * steps
        hide_ovals(frame_bgr, np.concatenate([held, now.ovals]).astype(np.float32), hiding)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Places:
    """The ovals of one frame: (n, 5), with the numbers of their tracks, -1 where there is none."""

    time_s: float
    ovals: F32
    track_id: NDArray[np.int64]


def _places(followed: Faces, found: Faces, time_s: float) -> _Places:
    """All faces that are followed, and those found whose box is not within an oval of these."""
    ovals, others = face_ovals(followed), face_ovals(found)
    box = others[:, 2:4].max(axis=1, initial=0) * BOX_SHARE
    apart = np.hypot(*(others[:, None, k] - ovals[None, :, k] for k in (0, 1)))
    within = (apart + box[:, None] <= ovals[None, :, 2:4].min(axis=2)).any(axis=1)
    others = others[~within]
    ids = np.full(len(followed), -1) if followed.track_id is None else followed.track_id
    ids = np.concatenate([ids, np.full(len(others), -1)])
    return _Places(time_s=time_s, ovals=np.concatenate([ovals, others]), track_id=ids)


def _kept(before: _Places, now: _Places) -> NDArray[np.bool_]:
    """(n,) which earlier places no face has demonstrably left.

    A track that goes on has taken its face along, unless it has jumped.
    """
    same = (before.track_id[:, None] == now.track_id) & (before.track_id[:, None] >= 0)
    apart = np.hypot(*(before.ovals[:, None, k] - now.ovals[None, :, k] for k in (0, 1)))
    kept: NDArray[np.bool_] = ~(same & (apart <= now.ovals[None, :, 3])).any(axis=1)
    return kept
