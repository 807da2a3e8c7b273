"""Gaze relative to the head: MediaPipe's iris network on a crop of each eye.

Real-time Pupil Tracking from Monocular Video for Digital Puppetry,
https://arxiv.org/abs/2006.11341. The crops are those of MediaPipe's iris_landmark_landmarks_to_roi
graph: rotated by the eye's corners, 2.3 times as wide as the eye, and the left eye mirrored because
the network knows right eyes only.
"""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import MESH468, Landmarks
from realtime.inference.litert import LiteRTModel
from realtime.inference.mediapipe_files import IRIS, network_path
from realtime.landmark.region import region_matrices

SIDE = 64
MARGIN = 2.3  # side of the crop over the distance of the eye's corners
# Corners in the mesh, in the order of the picture's x for an upright face; the right eye is the
# person's own.
RIGHT, LEFT = MESH468.alignment[:2]
CONTOUR_CORNERS = (0, 8)  # of the network's own outline of the eye: outer and inner
# An eye's width over the radius of the eyeball: 30 mm between the corners of the mesh's eye over
# 12 mm. It turns the offset of the iris into an angle.
WIDTH_OVER_RADIUS = 2.5
# The iris lies above the line between the corners by this many degrees, the median of 288
# photographed faces, most of which look at the camera. Sideways it is under one degree.
REST_UP_DEG = 9.0
MAX_SINE = 0.95  # the iris cannot move further, in eyeball radii


class IrisNetwork:
    """MediaPipe's iris network; used by one thread at a time.

    Raises:
        FileNotFoundError: the network is missing; the message says how to install it.
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._network = LiteRTModel(network_path(IRIS), threads=threads)

    def warm_up(self, faces: int) -> None:
        """Allocate and run the network for up to `faces` faces."""
        self._network.warm_up(2 * faces)

    def __call__(self, frame_bgr: Frame, landmarks: Landmarks) -> F32:
        """Estimate where the eyes of each face look, relative to the head.

        Args:
            frame_bgr: the picture.
            landmarks: of the mesh.

        Returns:
            (n, 2) float32 degrees, the mean of both eyes: positive to the person's own left, and
            upwards; about 0 for eyes that look where the head points. It is a rough estimate: the
            iris moves by a few pixels only, and eyes differ.
        """
        if len(landmarks) == 0:
            return np.zeros((0, 2), np.float32)
        crops = np.empty((len(landmarks), 2, SIDE, SIDE, 3), np.float32)
        for e, corners in enumerate((RIGHT, LEFT)):
            matrices = region_matrices(eye_regions(landmarks.points, corners), SIDE)
            for matrix, out in zip(matrices, crops[:, e], strict=True):
                out[:] = _crop(frame_bgr, matrix, mirrored=e == 1)
        contours, irises = self._network(crops.reshape(-1, SIDE, SIDE, 3))
        eyes = contours.reshape(-1, 71, 3)[:, CONTOUR_CORNERS, :2]
        centres = irises.reshape(-1, 5, 3)[:, 0, :2]
        angles = eye_angles(eyes, centres).reshape(-1, 2, 2)
        angles[:, 1, 0] *= -1  # the left eye was mirrored
        return np.asarray(angles.mean(axis=1) - (0, REST_UP_DEG), np.float32)


def eye_regions(points: F32, corners: tuple[int, ...]) -> F32:
    """Regions (n, 4) around the eye with these two corners; see `realtime.landmark.region`."""
    first, second = (points[:, i, :2] for i in corners)
    span, centre = second - first, (first + second) / 2
    side = MARGIN * np.hypot(span[:, 0], span[:, 1])
    angle = np.arctan2(span[:, 1], span[:, 0])
    return np.column_stack([centre, side, angle]).astype(np.float32)


def eye_angles(corners: F32, iris: F32) -> F32:
    """Angles of right eyes: (n, 2) degrees, to the person's left and upwards.

    Args:
        corners: (n, 2, 2) outer and inner corner, in pixels of any crop.
        iris: (n, 2) centre of the iris, in the same pixels.
    """
    along = corners[:, 1] - corners[:, 0]
    width = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-3)
    along = along / width[:, None]
    off = (iris - corners.mean(axis=1)) / width[:, None]
    left = off[:, 0] * along[:, 0] + off[:, 1] * along[:, 1]
    up = off[:, 0] * along[:, 1] - off[:, 1] * along[:, 0]
    sines = np.clip(np.stack([left, up], axis=1) * WIDTH_OVER_RADIUS, -MAX_SINE, MAX_SINE)
    return np.asarray(np.degrees(np.arcsin(sines)), np.float32)


def _crop(frame_bgr: Frame, matrix: F32, *, mirrored: bool) -> F32:
    crop = cv2.warpAffine(
        frame_bgr,
        matrix,
        (SIDE, SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    crop = cv2.cvtColor(crop[:, ::-1] if mirrored else crop, cv2.COLOR_BGR2RGB)
    return np.asarray(crop, np.float32) / np.float32(255)
