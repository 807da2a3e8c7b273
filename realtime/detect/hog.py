"""dlib's frontal face detector: histograms of oriented gradients and a linear classifier.

Histograms of Oriented Gradients for Human Detection,
https://lear.inrialpes.fr/people/triggs/pubs/Dalal-cvpr05.pdf.
"""

from __future__ import annotations

from threading import Lock

import cv2
import numpy as np

from realtime.core.faces import Faces, Frame

UPSAMPLING = 1  # the window is 80 px wide: one doubling of the picture finds faces of 40 px
# A logistic curve maps the distance from the decision boundary to a score that is close to the
# precision at that distance.
SCORE_MIDPOINT, SCORE_SCALE = -0.2, 0.2
MIN_DISTANCE = -1.0  # below this, dlib is slow and returns mostly false positives


class HogDetector:
    """Detects frontal faces; no key points."""

    def __init__(self) -> None:
        import dlib

        self._detector = dlib.get_frontal_face_detector()
        self._lock = Lock()

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """Detect faces; see `realtime.detect.types.Detector`."""
        gray = cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2GRAY)
        log_odds = np.log(min_score / (1 - min_score))
        min_distance = max(MIN_DISTANCE, float(SCORE_MIDPOINT + SCORE_SCALE * log_odds))
        with self._lock:
            rectangles, distance, _ = self._detector.run(gray, UPSAMPLING, min_distance)
        boxes = [[r.left(), r.top(), r.right() + 1, r.bottom() + 1] for r in rectangles]
        score = 1 / (1 + np.exp((SCORE_MIDPOINT - np.asarray(distance)) / SCORE_SCALE))
        order = np.argsort(-score, kind="stable")
        order = order[score[order] >= min_score]
        return Faces.from_boxes(np.asarray(boxes, np.float32).reshape(-1, 4)[order], score[order])
