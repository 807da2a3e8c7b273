"""Selection of the best picture of each tracked face: large, sharp and frontal."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.attribute.quality import sharpness
from realtime.core.faces import F32, Faces, Frame
from realtime.core.landmarks import Landmarks
from realtime.media.resize import fit_within
from realtime.output.crops import encode, face_crop

MAX_VIEW_SIDE_PX = 224
MAX_COUNTED_SIDE_PX = 160  # larger faces are not rated any higher
INTERVAL_S = 0.2  # between two ratings of a face
MAX_VIEWS = 2000  # of a video, about 20 MB; flickering pictures may begin track after track
MIN_GAIN = 1.1  # a new view must be rated this many times higher to replace the current one
_SHARPNESS_WH = (64, 64)  # size at which sharpness is measured


class BestViews:
    """Keeps the best view of each tracked face of a video, of the first `MAX_VIEWS`.

    Args:
        suffix: the format of the pictures, see `realtime.output.crops.encode`.
    """

    def __init__(self, suffix: str = ".jpg") -> None:
        self._suffix = suffix
        self._rated_s: dict[int, float] = {}
        self._rating: dict[int, float] = {}
        self._picture: dict[int, bytes] = {}
        self._time_s: dict[int, float] = {}

    def update(self, frame_bgr: Frame, faces: Faces, now_s: float) -> None:
        """Replace the views of faces that look better on this frame.

        Args:
            frame_bgr: (h, w, 3) uint8, without drawings.
            faces: its faces; ignored without track ids or landmarks.
            now_s: the frame's time.
        """
        if faces.track_id is None or faces.landmarks is None:
            return
        frontal = frontality(faces.landmarks)
        for i, track in enumerate(faces.track_id.tolist()):
            if now_s - self._rated_s.get(track, -INTERVAL_S) < INTERVAL_S:
                continue
            if track not in self._rated_s and len(self._rated_s) >= MAX_VIEWS:
                continue
            self._rated_s[track] = now_s
            rating = float(frontal[i]) * _clarity(frame_bgr, faces.xyxy[i])
            if rating > MIN_GAIN * self._rating.get(track, -1.0):
                self._rating[track] = rating
                crop = fit_within(face_crop(frame_bgr, faces.xyxy[i]), MAX_VIEW_SIDE_PX)
                self._picture[track] = encode(crop, self._suffix)
                self._time_s[track] = now_s

    def pictures(self) -> dict[int, bytes]:
        """A file per track id; the picture's longer side is at most `MAX_VIEW_SIDE_PX`."""
        return dict(self._picture)

    def times_s(self) -> dict[int, float]:
        """When each track's best view was."""
        return dict(self._time_s)


def frontality(landmarks: Landmarks) -> NDArray[np.float64]:
    """Rate how frontal faces are, by the position of the nose tip between the eyes.

    Args:
        landmarks: of any topology.

    Returns:
        (n,) from 0.05 in profile to 1 facing the camera.
    """
    five = landmarks.five().astype(np.float64)
    eyes = five[:, 1] - five[:, 0]
    along = ((five[:, 2] - five[:, 0]) * eyes).sum(axis=1) / np.maximum((eyes**2).sum(axis=1), 1e-9)
    return np.asarray(np.clip(1 - 2 * np.abs(along - 0.5), 0.05, 1))


def _clarity(frame_bgr: Frame, xyxy: F32) -> float:
    """Rate size times sharpness; the part of the box outside the frame reduces the rating."""
    height, width = frame_bgr.shape[:2]
    x0, y0, x1, y1 = xyxy.tolist()
    inside = max(0.0, min(x1, width) - max(x0, 0)) * max(0.0, min(y1, height) - max(y0, 0))
    visible: float = inside / max((x1 - x0) * (y1 - y0), 1e-9)
    side_px = float(min(x1 - x0, y1 - y0, MAX_COUNTED_SIDE_PX))
    face = face_crop(frame_bgr, xyxy, margin=0)
    crop = cv2.resize(face, _SHARPNESS_WH, interpolation=cv2.INTER_AREA)
    return visible * side_px * float(sharpness(np.asarray(crop, np.uint8)[None])[0])
