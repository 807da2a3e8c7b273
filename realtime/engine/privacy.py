"""Hiding faces: every place where a face may be, followed or not."""

from __future__ import annotations

from collections import deque

import numpy as np

from realtime.core.faces import F32, Frame, FrameResult
from realtime.core.settings import AnalysisSettings, Hiding
from realtime.detect import detector_entry
from realtime.engine.networks import Networks
from realtime.render.draw import hide_faces

# Lower than what counts as a face: here a miss costs more than a false alarm.
MIN_SCORE = 0.3  # at most, and no more than this share of the detector's own minimum score
MIN_SCORE_SHARE = 0.6
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
        self._places: deque[tuple[float, F32]] = deque()

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
        self._places.append((result.time_s, np.concatenate([result.faces.xyxy, found.xyxy])))
        while result.time_s - self._places[0][0] > HOLD_S:
            self._places.popleft()
        boxes = np.concatenate([boxes for _, boxes in self._places])
        # A face at rest has almost the same box in each frame: hide each place once.
        places = np.unique(np.rint(boxes / 8) * 8, axis=0).astype(np.float32)
        hide_faces(frame_bgr, places, hiding)
