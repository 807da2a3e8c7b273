"""dlib's frontal face detector: histograms of gradients and a linear classifier.

Histograms of Oriented Gradients for Human Detection,
https://lear.inrialpes.fr/people/triggs/pubs/Dalal-cvpr05.pdf.
"""

from __future__ import annotations

from threading import Lock

import cv2
import numpy as np

from realtime.core.faces import Faces, Frame

UPSAMPLED = 1  # the window is 80 pixels wide; doubling the picture lets it see faces of 40
# The distance from the deciding plane becomes a score: near the share of such answers that are
# faces. Beyond the least distance dlib finds mostly noise, and takes long over it.
EVEN_DISTANCE, DISTANCE_SPREAD, LEAST_DISTANCE = -0.2, 0.2, -1.0


class HogDetector:
    """Finds frontal faces, without key points."""

    def __init__(self) -> None:
        import dlib

        self._detector = dlib.get_frontal_face_detector()
        self._lock = Lock()

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """The faces with at least this score, best first."""
        gray = cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2GRAY)
        odds = np.log(min_score / (1 - min_score))
        least = max(LEAST_DISTANCE, float(EVEN_DISTANCE + DISTANCE_SPREAD * odds))
        with self._lock:
            found, distance, _ = self._detector.run(gray, UPSAMPLED, least)
        boxes = [[r.left(), r.top(), r.right() + 1, r.bottom() + 1] for r in found]
        score = 1 / (1 + np.exp((EVEN_DISTANCE - np.asarray(distance)) / DISTANCE_SPREAD))
        order = np.argsort(-score, kind="stable")
        order = order[score[order] >= min_score]
        return Faces.from_boxes(np.asarray(boxes, np.float32).reshape(-1, 4)[order], score[order])
