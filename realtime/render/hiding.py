"""Hiding faces: a coarse mosaic in an oval around each head, feathered outside of the face."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces
from realtime.core.settings import Hiding

# An ellipse around a box has 0.71 of the box's sides as its half axes; the rest is for the hair,
# as the mesh ends at the hairline, and for the ears, which many detectors' boxes omit.
REACH = 0.75  # half axes of an oval, of the face's height
MIN_WIDTH = 0.85  # of a face, of its height: the boxes of profiles are narrow
FEATHER = 1.25  # half axes of where the oval has faded out, of its own
CELLS = {Hiding.BLUR: 3, Hiding.PIXELATE: 6}  # across an oval and its rim; interpolated for BLUR
_DISC_PX = 128


def face_ovals(faces: Faces) -> F32:
    """An oval around the head of each face, turned with it where its landmarks or eyes are known.

    Both the face's box and its landmarks lie in it.

    Returns:
        (n, 5) float32: centre x and y and half axes in pixels, and the angle of the first axis in
        degrees, clockwise.
    """
    eyes = None if faces.keypoints is None else faces.keypoints[:, :2]
    if faces.landmarks is not None:
        eyes = faces.landmarks.five()[:, :2]
    ovals = np.empty((len(faces), 5), np.float32)
    for i, (x0, y0, x1, y1) in enumerate(faces.xyxy.tolist()):
        angle = 0.0 if eyes is None or eyes.shape[1] < 2 else _angle_deg(eyes[i])
        turn = _turn(angle)  # its columns are the head's axes
        # A tilted head fills its box like an ellipse.
        half = np.hypot(turn[0] * (x1 - x0) / 2, turn[1] * (y1 - y0) / 2)
        middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2]) @ turn
        low, high = middle - half, middle + half
        if faces.landmarks is not None:
            points = faces.landmarks.xy[i] @ turn
            low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
        side = float((high - low).max())
        centre, width = turn @ ((low + high) / 2), float(high[0] - low[0])
        ovals[i] = (*centre, REACH * max(width, MIN_WIDTH * side), REACH * side, angle)
    return ovals


def hide_ovals(frame_bgr: Frame, ovals: F32, hiding: Hiding) -> None:
    """Hide everything in these ovals, in place.

    Args:
        frame_bgr: (h, w, 3) uint8.
        ovals: (n, 5), see `face_ovals`.
        hiding: how.
    """
    height, width = frame_bgr.shape[:2]
    smooth = cv2.INTER_LINEAR if hiding is Hiding.BLUR else cv2.INTER_NEAREST
    for x, y, a, b, angle in ovals.tolist():
        # The frame of the turned ellipse in which the oval has faded out.
        cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        reach = FEATHER * np.hypot([a * cos, a * sin], [b * sin, b * cos])
        left, top = (max(0, int(v)) for v in (x - reach[0], y - reach[1]))
        right, bottom = int(min(width, x + reach[0] + 1)), int(min(height, y + reach[1] + 1))
        if left >= right or top >= bottom or a < 1 or b < 1:
            continue
        head = frame_bgr[top:bottom, left:right]
        size_wh = (right - left, bottom - top)
        # A part at the frame's edge has fewer cells, not finer ones.
        cells = [
            max(1, round(CELLS[hiding] * s / (2 * r))) for s, r in zip(size_wh, reach, strict=True)
        ]
        coarse = cv2.resize(head, cells, interpolation=cv2.INTER_AREA)
        coarse = cv2.resize(coarse, size_wh, interpolation=smooth)
        alpha = _alpha((x - left, y - top), (a, b), (cos, sin), size_wh)
        head[:] = cv2.blendLinear(coarse, head, alpha, 1 - alpha)


def _alpha(
    centre: tuple[float, float], half: tuple[float, float], turn: tuple[float, float],
    size_wh: tuple[int, int],
) -> F32:  # fmt: skip
    """(h, w) float32: 1 in the oval, falling to 0 outside of it."""
    scale = [FEATHER * h / (_DISC_PX / 2) for h in half]  # pixels per pixel of the disc
    cos, sin = turn
    to_frame = np.array([[scale[0] * cos, -scale[1] * sin], [scale[0] * sin, scale[1] * cos]])
    middle = (_DISC_PX - 1) / 2
    offset = np.array(centre) - to_frame @ (middle, middle)
    matrix = np.column_stack([to_frame, offset])
    alpha = cv2.warpAffine(_disc(), matrix, size_wh, flags=cv2.INTER_LINEAR)
    return np.asarray(alpha, np.float32)


@cache
def _disc() -> F32:
    """A feathered disc: 1 up to 1 / `FEATHER` of its radius, and a little further."""
    at = (np.arange(_DISC_PX) + 0.5) / (_DISC_PX / 2) - 1
    distance = np.hypot(at[:, None], at)
    begin = 1 / FEATHER + 2 / _DISC_PX
    fade = np.clip((1 - distance) / (1 - begin), 0, 1)
    return np.asarray(fade * fade * (3 - 2 * fade), np.float32)


def _turn(angle_deg: float) -> F32:
    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.array([[cos, -sin], [sin, cos]], np.float32)


def _angle_deg(eyes: F32) -> float:
    """The angle of the line from the eye on the left to the other: (2, 2) pixels."""
    dx, dy = (eyes[1] - eyes[0]).tolist()
    return float(np.degrees(np.arctan2(dy, dx)))
