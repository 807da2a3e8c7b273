"""Crops of faces that the pipeline detects itself, matched to ground-truth boxes.

These show a network what it meets in use: only detected faces, framed by the detector and the mesh.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core import certainty, geometry
from realtime.core.faces import F32, Frame
from realtime.core.geometry import iou
from realtime.core.settings import AnalysisSettings
from realtime.detect import detector_entry, entry, facestream, registry, suppress, whole
from realtime.engine import acceptance, photo
from realtime.engine.networks import Networks
from realtime.engine.photo import MAX_FACES, analyze_photo
from training.crops import Arrays, Cropper, CropSpec, sha256_of

# A low threshold: a mesh box spans brow to chin, an annotator's box often hair to collar.
SAME_FACE_IOU = 0.3
SETTINGS = AnalysisSettings(max_faces=MAX_FACES, attributes=frozenset())
# What `analyze_photo` runs with these settings.
DETECTOR = detector_entry(SETTINGS.detector).photo_variant
_CODE = (photo, acceptance, certainty, entry, registry, facestream, whole, suppress, geometry)


class DetectedCropper(Cropper):
    """Detects the faces of a picture as the Photos page does and crops those with a true box."""

    def __init__(self, spec: CropSpec) -> None:
        super().__init__(spec)
        self._networks = Networks()

    def __call__(self, picture: Frame, boxes: F32) -> Arrays:
        """Like `Cropper`, but only for boxes (n, 4) whose face was detected; see key `box`."""
        faces = analyze_photo(self._networks, picture, SETTINGS).faces
        box = match(faces.xyxy, boxes)
        faces = faces[box >= 0]
        points, presence = faces.landmarks, faces.presence
        if points is None or presence is None:
            return super().__call__(picture, np.zeros((0, 4), np.float32))
        return self.cut(picture, points, presence, box[box >= 0])

    def largest_box(self, picture: Frame) -> F32:
        """The box (1, 4) of the largest face that the Photos page finds; (0, 4) without any."""
        boxes = analyze_photo(self._networks, picture, SETTINGS).faces.xyxy
        area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
        return boxes[np.argsort(-area, kind="stable")[:1]]


def match(detected: F32, boxes: F32) -> NDArray[np.int64]:
    """Match detections to ground-truth boxes one to one, highest overlap first.

    Args:
        detected: (m, 4) detected boxes, xyxy.
        boxes: (n, 4) ground-truth boxes, xyxy.

    Returns:
        (m,) position in `boxes`, or -1 for a false detection.
    """
    result = np.full(len(detected), -1)
    empty = len(detected) == 0 or len(boxes) == 0
    overlap = np.zeros((len(detected), 0)) if empty else iou(detected, boxes)
    for flat in np.argsort(-overlap, axis=None, kind="stable"):
        i, k = np.unravel_index(flat, overlap.shape)
        if overlap[i, k] < SAME_FACE_IOU:
            break
        if result[i] < 0 and k not in result:
            result[i] = k
    return result.astype(np.int64)


def detection_key() -> dict[str, Any]:
    """What the detections depend on, for the cache key: code and weights of the detector.

    The mesh's code and weights are in `training.crops.cache_key`.

    Raises:
        models.ModelError: the detector's weights are missing or do not match their card.
    """
    return {
        "detection_code": sha256_of([Path(str(module.__file__)) for module in _CODE]),
        "detector_weights": sha256_of(detector_entry(DETECTOR).files()),
    }
