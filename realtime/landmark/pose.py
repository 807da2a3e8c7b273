"""Head pose: a metric face model fitted to each face's points (perspective-n-point)."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32
from realtime.core.landmarks import Landmarks
from realtime.landmark.face_model import POINTS

F64 = NDArray[np.float64]
_NO_DISTORTION = np.zeros(4)


def head_pose(landmarks: Landmarks, size_wh: tuple[int, int]) -> F32:
    """Yaw, pitch and roll of each face: (n, 3) float32 degrees.

    Yaw is positive where a face is turned to the person's own left, pitch where it looks up, roll
    where it is tilted clockwise in the picture; all are 0 for one that looks straight at the
    camera, as the average photographed face does. NaN where there is no solution.

    Args:
        landmarks: in pixels of the frame, of a topology with `marks`.
        size_wh: size of the frame, from which the camera's focal length is estimated.
    """
    angles = np.full((len(landmarks), 3), np.nan, np.float32)
    camera = estimated_camera(size_wh)
    rigid = landmarks.points[:, landmarks.topology.measured.rigid, :2]
    for points, out in zip(rigid, angles, strict=True):
        turn = solve(points.astype(np.float64), camera)
        if turn is not None:
            out[:] = euler_deg(turn)
    return angles


def estimated_camera(size_wh: tuple[int, int]) -> F64:
    """3×3 matrix of a camera that sees 53° along the longer side, like most webcams."""
    focal = float(max(size_wh))
    return np.array([[focal, 0, size_wh[0] / 2], [0, focal, size_wh[1] / 2], [0, 0, 1]])


def solve(points: F64, camera: F64) -> F64 | None:
    """The 3×3 rotation that maps the face model to points (13, 2); None without a solution."""
    if not np.isfinite(points).all() or np.ptp(points, axis=0).max() < 1:
        return None
    try:
        found, turn, shift = cv2.solvePnP(
            POINTS, points, camera, _NO_DISTORTION, flags=cv2.SOLVEPNP_SQPNP
        )
        if not found:
            return None
        turn, _ = cv2.solvePnPRefineLM(POINTS, points, camera, _NO_DISTORTION, turn, shift)
    except cv2.error:  # points on one line, for instance
        return None
    matrix = cv2.Rodrigues(turn)[0]
    return np.asarray(matrix, np.float64) if np.isfinite(matrix).all() else None


def euler_deg(turn: F64) -> tuple[float, float, float]:
    """Yaw, pitch and roll of a rotation that is taken as Rz(roll) Ry(-yaw) Rx(-pitch)."""
    yaw = math.asin(min(1.0, max(-1.0, float(turn[2, 0]))))
    pitch = -math.atan2(turn[2, 1], turn[2, 2])
    roll = math.atan2(turn[1, 0], turn[0, 0])
    return math.degrees(yaw), math.degrees(pitch), math.degrees(roll)


def rotation(yaw_deg: float, pitch_deg: float, roll_deg: float) -> F64:
    """The inverse of `euler_deg`."""
    yaw, pitch, roll = (math.radians(v) for v in (-yaw_deg, -pitch_deg, roll_deg))
    about_x = [
        [1, 0, 0],
        [0, math.cos(pitch), -math.sin(pitch)],
        [0, math.sin(pitch), math.cos(pitch)],
    ]
    about_y = [[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]]
    about_z = [
        [math.cos(roll), -math.sin(roll), 0],
        [math.sin(roll), math.cos(roll), 0],
        [0, 0, 1],
    ]
    return np.asarray(np.array(about_z) @ np.array(about_y) @ np.array(about_x), np.float64)
