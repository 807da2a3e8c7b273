"""Crops of faces with the teacher's mesh.

The teacher is MediaPipe's mesh network. It runs once in the first region of a face, twice more in
the region of its own result, and its last two answers are averaged: less noise to learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from realtime.core.landmarks import MESH468, Landmarks
from realtime.detect import detector_entry
from realtime.inference.mediapipe_files import FACE_MESH, network_path
from realtime.landmark import mediapipe_mesh, region
from realtime.landmark.mediapipe_mesh import MediaPipeMesh
from realtime.landmark.region import crop_region, region_matrices, regions_from_landmarks
from training.crops import Arrays, sha256_of
from training.data import Archive
from training.mesh import framing
from training.mesh.sources import DETECTOR, Source

SIDE, MARGIN = 144, 1.35  # pixels of a cached crop; its side over that of the face's region
TRUSTED = 0.2  # presence from which the teacher's points are learned


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MeshFaces:
    """The faces of one set.

    Attributes:
        name: the set's name.
        share: how often its faces are drawn, relative to the other sets.
        masked: most wear a mask.
        crops: (n, SIDE, SIDE, 3) uint8 BGR: the face's region, upright, with a margin.
        points: (n, 468, 3) float32, the teacher's mesh in pixels of the crop.
        presence: (n,) float32, the teacher's.
        framing: (n, 4) float32, how the face was framed at first, see `training.mesh.framing`.
    """

    name: str
    share: float
    masked: bool
    crops: NDArray[np.uint8]
    points: F32
    presence: F32
    framing: F32

    def __len__(self) -> int:
        return len(self.crops)


def taught(teacher: MediaPipeMesh, picture: Frame, first: F32) -> Arrays:
    """The crops of the faces in `first` (n, 4) with the teacher's mesh; see `MeshFaces`."""
    mesh1, _ = teacher(picture, first)
    mesh2, presence2 = teacher(picture, regions_from_landmarks(mesh1))
    ideal = regions_from_landmarks(mesh2)
    mesh3, presence3 = teacher(picture, ideal)
    presence = np.minimum(presence2, presence3)
    # Where the teacher is lost, its region is of no use: the face is where it was found.
    ideal = np.where((presence < TRUSTED)[:, None], first, ideal).astype(np.float32)
    points = (mesh2.points + mesh3.points) * np.float32(0.5)
    return {
        "crops": cut(picture, ideal),
        "points": to_crop(points, ideal),
        "presence": presence,
        "framing": framing.relative(first, ideal),
    }


def cut(picture: Frame, regions: F32) -> NDArray[np.uint8]:
    """Crops (n, SIDE, SIDE, 3) of regions with their margin."""
    crops = np.empty((len(regions), SIDE, SIDE, 3), np.uint8)
    for matrix, out in zip(_matrices(regions), crops, strict=True):
        # Averaged down where the face is large, as a camera that is further away would see it.
        scale = int(np.clip(np.hypot(matrix[0, 0], matrix[1, 0]), 1, 4))
        fine = np.array([matrix[:, 0] / scale, matrix[:, 1] / scale, matrix[:, 2]]).T
        crop = crop_region(picture, fine.astype(np.float32), SIDE * scale)
        out[:] = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return crops


def to_crop(points: F32, regions: F32) -> F32:
    """Points (n, 468, 3) from pixels of the picture to pixels of the crop."""
    matrices = _matrices(regions)
    flat = points[..., :2] - matrices[:, None, :, 2]
    out = np.empty_like(points)
    out[..., :2] = flat @ np.linalg.inv(matrices[:, :, :2]).transpose(0, 2, 1)
    out[..., 2] = points[..., 2] * (SIDE / (MARGIN * regions[:, 2:3]))
    return out


def _matrices(regions: F32) -> F32:
    return region_matrices(regions * np.array([1, 1, MARGIN, 1], np.float32), SIDE)


NO_FACES: Arrays = {
    "crops": np.zeros((0, SIDE, SIDE, 3), np.uint8),
    "points": Landmarks.empty(MESH468).points,
    "presence": np.zeros(0, np.float32),
    "framing": np.zeros((0, 4), np.float32),
}


def cache_key(data: Path, archive: str, *more: Any) -> dict[str, Any]:
    """What the cached arrays depend on: pictures, code, and weights of teacher and detector."""
    with Archive(data, archive) as opened:
        fingerprint = opened.fingerprint()
    code = [Path(str(module.__file__)) for module in (mediapipe_mesh, region)]
    weights = [network_path(FACE_MESH), *detector_entry(DETECTOR).files()]
    settings = [(m.under, m.detected, m.most) if isinstance(m, Source) else m for m in more]
    return {
        "data": fingerprint,
        "settings": settings,
        "cut": [SIDE, MARGIN, TRUSTED],
        "code": sha256_of(code),
        "weights": sha256_of(weights),
    }
