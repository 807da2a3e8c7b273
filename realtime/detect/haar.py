"""OpenCV's Haar cascade for frontal faces, the classic method of 2001.

Rapid Object Detection using a Boosted Cascade of Simple Features,
https://www.cs.cmu.edu/~efros/courses/LBMV07/Papers/viola-cvpr-01.pdf.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import cv2
import numpy as np

from realtime.core.faces import Faces, Frame

CASCADE = "haarcascade_frontalface_default.xml"
SCALE_FACTOR = 1.1  # step between the levels of the image pyramid
MIN_NEIGHBOURS = 3  # overlapping detections needed for a face
MIN_SIDE_PX = 20
# A logistic curve maps the last stage's sum to a score that is close to the precision at that sum.
SCORE_MIDPOINT, SCORE_SCALE = 3.0, 1.2


def cascade_path() -> Path:
    """The path of the cascade in OpenCV's wheel; the file may be missing."""
    return Path(cv2.__file__).parent / "data" / CASCADE


class HaarCascade:
    """Detects frontal faces; no key points.

    Raises:
        FileNotFoundError: this OpenCV was installed without its cascades.
    """

    def __init__(self) -> None:
        path = cascade_path()
        if not path.is_file():
            raise FileNotFoundError(
                f"Reinstall opencv-python-headless: its cascade {path} is missing."
            )
        self._cascade = cv2.CascadeClassifier(str(path))
        self._lock = Lock()  # a cascade keeps the current picture as state

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """Detect faces; see `realtime.detect.types.Detector`."""
        gray = cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2GRAY)
        with self._lock:
            xywh, _, weight = self._cascade.detectMultiScale3(
                gray,
                scaleFactor=SCALE_FACTOR,
                minNeighbors=MIN_NEIGHBOURS,
                minSize=(MIN_SIDE_PX, MIN_SIDE_PX),
                outputRejectLevels=True,
            )
        boxes = np.asarray(xywh, np.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        score = 1 / (1 + np.exp((SCORE_MIDPOINT - np.ravel(weight)) / SCORE_SCALE))
        order = np.argsort(-score, kind="stable")
        order = order[score[order] >= min_score]
        return Faces.from_boxes(boxes[order], score[order])
