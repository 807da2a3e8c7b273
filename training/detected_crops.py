"""Crops of the faces that the running system finds by itself, matched to the true boxes.

What a network meets in use: only faces that are found, framed as they are found.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from realtime.core.geometry import iou
from realtime.core.settings import AnalysisSettings
from realtime.detect import registry, second_opinion, suppress, tiles
from realtime.engine import photo
from realtime.engine.networks import Networks
from realtime.engine.photo import MAX_FACES, analyze_photo
from training.crops import Arrays, Cropper, CropSpec

# A mesh's box ends at brow and chin, an annotator's often at hair and collar.
SAME_FACE_IOU = 0.3
SETTINGS = AnalysisSettings(max_faces=MAX_FACES, mask=False, emotion=False)


class FoundCropper(Cropper):
    """Looks for the faces of a picture as the photo page does, and cuts those that have a box."""

    def __init__(self, spec: CropSpec) -> None:
        super().__init__(spec)
        self._networks = Networks()

    def __call__(self, picture: Frame, boxes: F32) -> Arrays:
        """As `Cropper` of the boxes whose face was found; `box` says which these are."""
        faces = analyze_photo(self._networks, picture, SETTINGS).faces
        box = match(faces.xyxy, boxes)
        faces = faces[box >= 0]
        points, presence = faces.landmarks, faces.presence
        if points is None or presence is None:
            nobody = np.zeros((0, 4), np.float32)
            return super().__call__(picture, nobody)
        return self.cut(picture, points, presence, box[box >= 0])


def match(found: F32, boxes: F32) -> NDArray[np.int64]:
    """For each found box (m, 4) the true one it stands for, the best overlap first; -1 for none."""
    result = np.full(len(found), -1)
    overlap = iou(found, boxes) if len(found) and len(boxes) else np.zeros((len(found), 0))
    for flat in np.argsort(-overlap, axis=None, kind="stable"):
        i, k = np.unravel_index(flat, overlap.shape)
        if overlap[i, k] < SAME_FACE_IOU:
            break
        if result[i] < 0 and k not in result:
            result[i] = k
    return result.astype(np.int64)


def code_hash() -> str:
    """A hash of the code that finds faces, for the cache."""
    code = hashlib.sha256()
    for module in (photo, registry, second_opinion, suppress, tiles):
        code.update(Path(str(module.__file__)).read_bytes())
    return code.hexdigest()
