"""How far eyes and mouths are open, as ratios that do not depend on the size of the face."""

from __future__ import annotations

import numpy as np

from realtime.core.arrays import F32
from realtime.core.landmarks import Landmarks


def eye_openness(landmarks: Landmarks) -> F32:
    """Eye aspect ratio of the right and the left eye (the person's own): (n, 2) float32.

    The height between the lids over the width between the corners: about 0.3 for an open eye, under
    0.2 for a closed one. Real-Time Eye Blink Detection using Facial Landmarks,
    https://vision.fe.uni-lj.si/cvww2016/proceedings/papers/05.pdf.
    """
    marks, points = landmarks.topology.measured, landmarks.points
    return np.stack([_aspect(points[:, eye]) for eye in (marks.right_eye, marks.left_eye)], axis=1)


def mouth_openness(landmarks: Landmarks) -> F32:
    """The gap between the inner lips over the width of the mouth: (n,), 0 when it is shut."""
    marks, points = landmarks.topology.measured, landmarks.points
    upper, lower = np.array(marks.lips).T
    gap = _distance(points[:, upper], points[:, lower]).mean(axis=1)
    width = _distance(points[:, marks.mouth[0]], points[:, marks.mouth[1]])
    return _ratio(gap, width)


def _aspect(eye: F32) -> F32:
    height = (_distance(eye[:, 1], eye[:, 5]) + _distance(eye[:, 2], eye[:, 4])) * np.float32(0.5)
    return _ratio(height, _distance(eye[:, 0], eye[:, 3]))


def _distance(a: F32, b: F32) -> F32:
    # Without depth: the mesh's depths are too rough for such short distances.
    return np.asarray(np.linalg.norm(a[..., :2] - b[..., :2], axis=-1), np.float32)


def _ratio(part: F32, whole: F32) -> F32:
    return np.asarray(part / np.maximum(whole, 1e-3), np.float32)
