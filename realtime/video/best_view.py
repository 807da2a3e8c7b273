"""The clearest picture of each followed face: large, sharp and seen from the front."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.attribute.quality import sharpness
from realtime.core.faces import F32, Faces, Frame
from realtime.core.landmarks import Landmarks
from realtime.media.resize import within
from realtime.output.crops import encode, face_crop

SIDE_PX = 224
ENOUGH_PX = 160  # a larger face is no clearer
EVERY_S = 0.2  # each face is looked at
BETTER = 1.1  # times as clear as the picture kept, or that one stays


class BestViews:
    """Keeps one picture a face while frames pass by."""

    def __init__(self) -> None:
        self._looked_s: dict[int, float] = {}
        self._value: dict[int, float] = {}
        self._jpg: dict[int, bytes] = {}

    def look(self, frame_bgr: Frame, faces: Faces, now_s: float) -> None:
        """Keep the pictures of faces that were never as clear as on this frame.

        Args:
            frame_bgr: (h, w, 3) uint8, not drawn on.
            faces: followed ones; without landmarks or numbers nothing is kept.
            now_s: the frame's time.
        """
        if faces.track_id is None or faces.landmarks is None:
            return
        fronts = frontal(faces.landmarks)
        for i, number in enumerate(faces.track_id.tolist()):
            if now_s - self._looked_s.get(number, -EVERY_S) < EVERY_S:
                continue
            self._looked_s[number] = now_s
            value = float(fronts[i]) * _clearness(frame_bgr, faces.xyxy[i])
            if value > BETTER * self._value.get(number, -1.0):
                self._value[number] = value
                crop = within(face_crop(frame_bgr, faces.xyxy[i]), SIDE_PX)
                self._jpg[number] = encode(crop, ".jpg")

    def pictures_jpg(self) -> dict[int, bytes]:
        """A JPEG of each face by its number, with a longer side of at most `SIDE_PX`."""
        return dict(self._jpg)


def frontal(landmarks: Landmarks) -> NDArray[np.float64]:
    """How far each face looks at the camera: (n,), 1 straight on, towards 0 in profile.

    By where the tip of the nose lies between the eyes, which any landmarks tell.
    """
    five = landmarks.five().astype(np.float64)
    eyes = five[:, 1] - five[:, 0]
    along = ((five[:, 2] - five[:, 0]) * eyes).sum(axis=1) / np.maximum((eyes**2).sum(axis=1), 1e-9)
    return np.asarray(np.clip(1 - 2 * np.abs(along - 0.5), 0.05, 1))


def _clearness(frame_bgr: Frame, xyxy: F32) -> float:
    """How large and how sharp the face is; a part outside of the frame counts as lost."""
    height, width = frame_bgr.shape[:2]
    x0, y0, x1, y1 = xyxy.tolist()
    inside = max(0.0, min(x1, width) - max(x0, 0)) * max(0.0, min(y1, height) - max(y0, 0))
    shown: float = inside / max((x1 - x0) * (y1 - y0), 1e-9)
    side_px = float(min(x1 - x0, y1 - y0, ENOUGH_PX))
    crop = cv2.resize(face_crop(frame_bgr, xyxy, margin=0), (64, 64), interpolation=cv2.INTER_AREA)
    return shown * side_px * float(sharpness(np.asarray(crop, np.uint8)[None])[0])
