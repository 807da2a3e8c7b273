"""Where dlib's own face detector puts its boxes, about which public predictors were trained."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import dlib
import numpy as np

from realtime.core.geometry import iou
from realtime.landmark.dlib68 import Framing, regions_about
from training.landmarks.faces import LabelledFace

MOST = 150  # faces; the detector is slow
MIN_IOU = 0.3


def measure(faces: Sequence[LabelledFace]) -> Framing:
    """The median box of dlib's detector as a part of the best region, over some of these faces."""
    detector = dlib.get_frontal_face_detector()
    parts = []
    for face in faces[:: max(1, len(faces) // MOST)]:
        wide = face.within(0.5)
        found = detector(cv2.cvtColor(wide.picture, cv2.COLOR_BGR2RGB), 0)
        boxes = np.array([[r.left(), r.top(), r.right(), r.bottom()] for r in found], np.float32)
        overlap = iou(wide.box[None], boxes.reshape(-1, 4))[0]
        if overlap.max(initial=0) < MIN_IOU:
            continue
        x0, y0, x1, y1 = boxes[int(overlap.argmax())]
        x, y, side, angle = regions_about(wide.points[None])[0]
        across, along = (x0 + x1) / 2 - x, (y0 + y1) / 2 - y
        down = -np.sin(angle) * across + np.cos(angle) * along
        parts.append(((x1 - x0) / side, down / side))
    side, down = np.median(parts, axis=0)
    return Framing(round(float(side), 3), round(float(down), 3))
