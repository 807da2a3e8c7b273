"""How far eyes and mouths are open, as ratios that do not depend on the size of a face."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import F32
from realtime.landmark.topology import MARKS


def eye_openness(landmarks: F32) -> F32:
    """Eye aspect ratio of the right and the left eye (the person's own): (n, 2) float32.

    The height between the lids over the width between the corners: about 0.3 for an open eye, under
    0.2 for a closed one. Real-Time Eye Blink Detection using Facial Landmarks,
    https://vision.fe.uni-lj.si/cvww2016/proceedings/papers/05.pdf.

    Args:
        landmarks: (n, 468, 3) or (n, 68, 2).
    """
    marks = MARKS[landmarks.shape[1]]
    return np.stack(
        [_aspect(landmarks[:, eye]) for eye in (marks.right_eye, marks.left_eye)], axis=1
    )


def mouth_openness(landmarks: F32) -> F32:
    """The gap between the inner lips over the width of the mouth: (n,), 0 when it is shut."""
    marks = MARKS[landmarks.shape[1]]
    upper, lower = np.array(marks.lips).T
    gap = _distance(landmarks[:, upper], landmarks[:, lower]).mean(axis=1)
    width = _distance(landmarks[:, marks.mouth[0]], landmarks[:, marks.mouth[1]])
    return _ratio(gap, width)


def _aspect(eye: F32) -> F32:
    height = (_distance(eye[:, 1], eye[:, 5]) + _distance(eye[:, 2], eye[:, 4])) / 2
    return _ratio(height, _distance(eye[:, 0], eye[:, 3]))


def _distance(a: F32, b: F32) -> F32:
    # In the picture alone: the depths that the mesh gives are too rough for so short ways.
    return np.asarray(np.linalg.norm(a[..., :2] - b[..., :2], axis=-1), np.float32)


def _ratio(part: F32, whole: F32) -> F32:
    return np.asarray(part / np.maximum(whole, 1e-3), np.float32)
