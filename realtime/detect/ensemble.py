"""Several detectors as one: their boxes for the same face are fused into one box.

Weighted boxes fusion is in `fusion.py`; this module brings the members' boxes and scores to a
common scale first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces
from realtime.core.geometry import iou
from realtime.detect.fusion import weighted_boxes_fusion
from realtime.detect.types import Detector

MIN_IOU = 0.4  # for two boxes to show the same face: detectors draw the outline differently
# Share of a member's own min_score from which its detections count: weaker ones add no agreement.
MIN_SCORE_SHARE = 0.2
# Eyes of an upright face, in shares of its box's width and height: right eye, left eye.
UPRIGHT_EYES = np.array([[0.3, 0.4], [0.7, 0.4]], np.float32)


@dataclass(frozen=True, slots=True)
class Member:
    """How one detector's output is scaled and weighted in an ensemble.

    Attributes:
        min_score: the detector's own threshold; maps to 0.5 on the common scale.
        weight: relative weight of its boxes and scores.
        box_shift: added to the left, top, right and bottom of its boxes, in shares of their width
            and height, so that all members outline a face the same way.
    """

    min_score: float
    weight: float = 1.0
    box_shift: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


class Ensemble:
    """Runs several detectors on the same picture and fuses their detections.

    Raises:
        ValueError: `detectors` and `members` differ in length.
    """

    def __init__(self, detectors: Sequence[Detector], members: Sequence[Member]) -> None:
        self._members = tuple(zip(detectors, members, strict=True))

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """Detect faces with at least this score, best first.

        Each face has two key points, its eyes: those of the highest-scoring member that overlaps
        the face and has key points, otherwise where an upright face would have them.
        """
        detections = [
            detector.detect(frame_bgr, min_score=MIN_SCORE_SHARE * member.min_score)
            for detector, member in self._members
        ]
        members = [member for _, member in self._members]
        faces = fuse_detections(detections, members, (frame_bgr.shape[1], frame_bgr.shape[0]))
        return faces[faces.score >= min_score]


def fuse_detections(
    detections: Sequence[Faces], members: Sequence[Member], size_wh: tuple[int, int]
) -> Faces:
    """Bring each member's detections on one picture to a common scale and fuse them."""
    scaled = [
        faces.with_(
            xyxy=shift_boxes(faces.xyxy, member.box_shift),
            score=rescale_score(faces.score, member.min_score),
        )
        for faces, member in zip(detections, members, strict=True)
    ]
    return fuse(scaled, [member.weight for member in members], size_wh)


def shift_boxes(xyxy: F32, shift: Sequence[float]) -> F32:
    """Move the sides of boxes (n, 4) by shares of their width and height."""
    width_height = np.tile(xyxy[:, 2:] - xyxy[:, :2], 2)
    return np.asarray(xyxy + width_height * np.asarray(shift, np.float32), np.float32)


def rescale_score(score: F32, min_score: float) -> F32:
    """Map scores (n,) so that `min_score` becomes 0.5: linear from 0 to it and from it to 1."""
    return np.asarray(np.interp(score, [0, min_score, 1], [0, 0.5, 1]), np.float32)


def fuse(detections: Sequence[Faces], weights: Sequence[float], size_wh: tuple[int, int]) -> Faces:
    """Fuse detections whose scores are on a common scale.

    Args:
        detections: for each member.
        weights: for each member.
        size_wh: the picture's width and height in pixels; boxes are clipped to it.

    Returns:
        The faces, best first, with two eyes each, (n, 2, 2), as `Ensemble.detect` gives them.
    """
    size = np.tile(np.asarray(size_wh, np.float32), 2)
    boxes = [np.clip(faces.xyxy, 0, size) for faces in detections]
    visible = [(b[:, 2:] > b[:, :2]).all(axis=1) for b in boxes]
    xyxy, score = weighted_boxes_fusion(
        [b[v] for b, v in zip(boxes, visible, strict=True)],
        [faces.score[v] for faces, v in zip(detections, visible, strict=True)],
        weights=weights,
        min_iou=MIN_IOU,
    )
    return Faces(xyxy=xyxy, score=np.clip(score, 0, 1), keypoints=_eyes(xyxy, detections))


def _eyes(xyxy: F32, detections: Sequence[Faces]) -> F32:
    """Eyes (n, 2, 2) for boxes (n, 4): from the best overlapping detection, or upright ones."""
    corner, side = xyxy[:, None, :2], (xyxy[:, 2:] - xyxy[:, :2])[:, None]
    eyes = np.asarray(corner + side * UPRIGHT_EYES, np.float32)
    with_eyes = [faces for faces in detections if faces.keypoints is not None and len(faces)]
    if not with_eyes or not len(xyxy):
        return eyes
    points = np.concatenate([f.keypoints[:, :2] for f in with_eyes if f.keypoints is not None])
    overlaps = iou(xyxy, np.concatenate([f.xyxy for f in with_eyes])) > MIN_IOU
    score = np.where(overlaps, np.concatenate([f.score for f in with_eyes]), -1)
    matched = overlaps.any(axis=1)
    eyes[matched] = points[score[matched].argmax(axis=1)]
    return eyes
