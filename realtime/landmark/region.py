"""Rotated squares around faces: the input crops of the mesh network.

A region is a row (centre x, centre y, side, angle): pixels of the frame, and radians by which the
face is turned clockwise in the picture. n regions are an (n, 4) float32 array. Sizes follow
MediaPipe's face_detection_front_detection_to_roi and face_landmark_landmarks_to_roi graphs.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import Landmarks

HALF = np.float32(0.5)
MARGIN = 1.5  # side of the region over the longer side of the face's box


def regions_from_boxes(xyxy: F32, keypoints: F32 | None = None) -> F32:
    """Regions from detected boxes, rotated by the two eye key points where there are any."""
    centre = (xyxy[:, :2] + xyxy[:, 2:]) * HALF
    side = MARGIN * (xyxy[:, 2:] - xyxy[:, :2]).max(axis=1, initial=0)
    angle = (
        np.zeros(len(xyxy), np.float32)
        if keypoints is None
        else _angle(keypoints[:, 0], keypoints[:, 1])
    )
    return _stack(centre, side, angle)


def regions_from_landmarks(landmarks: Landmarks) -> F32:
    """Regions from the landmarks of the previous frame: how a face is followed."""
    low, high = _extent(landmarks.points)
    side = MARGIN * (high - low).max(axis=1, initial=0)
    eyes = landmarks.eye_corners()
    angle = _angle(eyes[:, 0], eyes[:, 1])
    return _stack((low + high) * HALF, side, angle)


def boxes_from_landmarks(landmarks: Landmarks) -> F32:
    """The upright box around each face's landmarks: (n, 4) xyxy."""
    return np.concatenate(_extent(landmarks.points), axis=1)


def region_matrices(regions: F32, side_px: int) -> F32:
    """(n, 2, 3) maps from pixels of a (side_px, side_px) crop to pixels of the frame."""
    scale = regions[:, 2] / side_px
    cos, sin = np.cos(regions[:, 3]) * scale, np.sin(regions[:, 3]) * scale
    half = side_px / 2
    matrices = np.empty((len(regions), 2, 3), np.float32)
    matrices[:, 0, 0], matrices[:, 0, 1] = cos, -sin
    matrices[:, 1, 0], matrices[:, 1, 1] = sin, cos
    matrices[:, 0, 2] = regions[:, 0] - half * (cos - sin)
    matrices[:, 1, 2] = regions[:, 1] - half * (sin + cos)
    return matrices


def crop_region(frame_bgr: Frame, matrix: F32, side_px: int) -> NDArray[np.uint8]:
    """The crop (side_px, side_px, 3) that one of `region_matrices` shows; edges are repeated."""
    crop = cv2.warpAffine(
        frame_bgr,
        matrix,
        (side_px, side_px),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(crop, np.uint8)


def _extent(points: F32) -> tuple[F32, F32]:
    """Minimum and maximum x and y of each face: two (n, 2)."""
    # NumPy is slow along a strided axis: made contiguous first, it takes a twentieth of the time.
    xy = np.ascontiguousarray(points.transpose(0, 2, 1)[:, :2])
    return xy.min(axis=2), xy.max(axis=2)


def _angle(right_eye: F32, left_eye: F32) -> F32:
    delta = left_eye - right_eye
    angle: F32 = np.arctan2(delta[:, 1], delta[:, 0])
    return angle


def _stack(centre: F32, side: F32, angle: F32) -> F32:
    return np.column_stack([centre, side, angle]).astype(np.float32).reshape(-1, 4)
