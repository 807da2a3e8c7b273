"""The cascade of Haar features that OpenCV ships: frontal faces, the classic of 2001.

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
SCALE_STEP = 1.1  # each level of the search is so much coarser than the one before
MIN_NEIGHBOURS = 3  # answers on one place that make a face
MIN_SIDE_PX = 20
# The last stage's sum becomes a score: near the share of such answers that are faces.
EVEN_WEIGHT, WEIGHT_SPREAD = 3.0, 1.2


def cascade_path() -> Path:
    """Where OpenCV's wheel has the cascade."""
    return Path(cv2.__file__).parent / "data" / CASCADE


class HaarCascade:
    """Finds frontal faces, without key points.

    Raises:
        FileNotFoundError: this OpenCV came without its cascades.
    """

    def __init__(self) -> None:
        path = cascade_path()
        if not path.is_file():
            raise FileNotFoundError(
                f"OpenCV's cascade {path} is missing: install opencv-python-headless again."
            )
        self._cascade = cv2.CascadeClassifier(str(path))
        self._lock = Lock()  # a cascade keeps its picture while it runs

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """The faces with at least this score, best first."""
        gray = cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2GRAY)
        with self._lock:
            xywh, _, weight = self._cascade.detectMultiScale3(
                gray,
                scaleFactor=SCALE_STEP,
                minNeighbors=MIN_NEIGHBOURS,
                minSize=(MIN_SIDE_PX, MIN_SIDE_PX),
                outputRejectLevels=True,
            )
        boxes = np.asarray(xywh, np.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        score = 1 / (1 + np.exp((EVEN_WEIGHT - np.ravel(weight)) / WEIGHT_SPREAD))
        order = np.argsort(-score, kind="stable")
        order = order[score[order] >= min_score]
        return Faces.from_boxes(boxes[order], score[order])
