"""The framing of dlib's own face detector, with which public shape predictors were trained."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import dlib
import numpy as np

from realtime.core.geometry import iou
from realtime.landmark.dlib68 import Framing, regions_from_points
from training.landmarks.faces import LabelledFace

MAX_FACES = 150  # the detector is slow
MIN_IOU = 0.3


def measure(faces: Sequence[LabelledFace]) -> Framing:
    """Median box of dlib's detector relative to the ideal region, over up to `MAX_FACES` faces.

    Args:
        faces: labelled faces.
    """
    detector = dlib.get_frontal_face_detector()
    parts = []
    for face in faces[:: max(1, len(faces) // MAX_FACES)]:
        padded = face.padded(0.5)
        detected = detector(cv2.cvtColor(padded.picture, cv2.COLOR_BGR2RGB), 0)
        boxes = np.array([[r.left(), r.top(), r.right(), r.bottom()] for r in detected], np.float32)
        overlap = iou(padded.box[None], boxes.reshape(-1, 4))[0]
        if overlap.max(initial=0) < MIN_IOU:
            continue
        x0, y0, x1, y1 = boxes[int(overlap.argmax())]
        x, y, side, angle = regions_from_points(padded.points[None])[0]
        dx, dy = (x0 + x1) / 2 - x, (y0 + y1) / 2 - y
        down = -np.sin(angle) * dx + np.cos(angle) * dy
        parts.append(((x1 - x0) / side, down / side))
    side, down = np.median(parts, axis=0)
    return Framing(round(float(side), 3), round(float(down), 3))
