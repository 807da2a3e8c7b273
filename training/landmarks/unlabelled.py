"""Faces without labels, with the 68 points that a teacher sees: more faces to learn from.

The teacher is a network trained on the labelled faces. Its answers on a face and on its mirror
image are averaged, which is more exact than either, and the student learns the mean: Distilling the
Knowledge in a Neural Network, https://arxiv.org/abs/1503.02531.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from realtime.core.landmarks import MESH468, Landmarks
from realtime.landmark.cnn68 import crop_matrices, in_frame
from realtime.landmark.facestream_mesh import FaceStreamMesh
from realtime.landmark.mesh68 import MeshTo68
from realtime.landmark.region import regions_from_landmarks
from realtime.track.track import SEEN
from training.crops import Arrays, cached
from training.data import Archive
from training.landmarks.batches import MappedFaces
from training.landmarks.faces import MIRROR, LabelledFace
from training.landmarks.regions import network_versions
from training.mesh.examples import MARGIN, SIDE, cut, to_crop
from training.mesh.sources import DETECTOR, SOURCES, Source, pictures
from training.progress import over

# The mesh's sources of bare, whole faces.
UNLABELLED = [s for s in SOURCES if s.name in ("utkface", "wider_train", "lfw_gender")]


def read_unlabelled(
    data: Path, teacher: keras.Model, zoom: float, *, limit: int | None = None
) -> MappedFaces:
    """The faces of the mesh's sources of bare faces, and what the teacher says of them.

    Args:
        data: the folder of zipped sets.
        teacher: a network of `training.landmarks.network.build`.
        zoom: the teacher's framing.
        limit: maximum number of pictures of each set.

    Raises:
        training.data.DataError: a set is missing or malformed.
    """
    parts = [_read(data, source, teacher, zoom, limit) for source in UNLABELLED]
    crops, points, mapped = (
        np.concatenate([part[key] for part in parts]) for key in ("crops", "points", "mapped")
    )
    faces = [LabelledFace(*pair) for pair in zip(crops, points, strict=True)]
    return MappedFaces(faces, mapped)


def answers(teacher: keras.Model, unlabelled: MappedFaces, zoom: float) -> F32:
    """The teacher's points (n, 68, 2) in pixels: means over each face and its mirror image."""
    side_px = teacher.input_shape[1]
    crops, _ = unlabelled.cut(side_px, zoom)
    matrices = crop_matrices(unlabelled.mapped, side_px, zoom)
    plain, mirrored = (
        teacher.predict(view.astype(np.float32), batch_size=64, verbose=0)
        for view in (crops, crops[:, :, ::-1])
    )
    back = mirrored.reshape(-1, len(MIRROR), 2)[:, MIRROR] * np.array([-1, 1], np.float32)
    seen = in_frame((plain + back.reshape(plain.shape)) / 2, matrices, side_px)
    return np.asarray((unlabelled.mapped + seen) / 2, np.float32)


def _read(
    data: Path, source: Source, teacher: keras.Model, zoom: float, limit: int | None
) -> Arrays:
    """Crops (n, SIDE, SIDE, 3), the teacher's `points` and `mapped` points (n, 68, 2) in them."""
    with Archive(data, source.name) as archive:
        fingerprint = archive.fingerprint()
    count, found = pictures(data, source, limit)
    key = {
        "data": fingerprint,
        "limit": limit,
        "teacher": hashlib.sha256(b"".join(w.tobytes() for w in teacher.get_weights())).hexdigest(),
        "cut": [SIDE, MARGIN, zoom],
        "networks": network_versions(DETECTOR),
    }

    def build() -> Arrays:
        crops, mapped = _cut_all(over(found, count, f"faces of {source.name}"))
        faces = [LabelledFace(*pair) for pair in zip(crops, mapped, strict=True)]
        points = answers(teacher, MappedFaces(faces, mapped), zoom)
        return {"crops": crops, "points": points, "mapped": mapped}

    return cached(f"points68-{source.name}", key, build)


def _cut_all(found: Iterable[tuple[Frame, F32]]) -> tuple[NDArray[np.uint8], F32]:
    """Crops of the faces that the mesh is sure of, and their mapped points."""
    mesh, mesh_to_68 = FaceStreamMesh(), MeshTo68.load()
    crops, mapped = [np.zeros((0, SIDE, SIDE, 3), np.uint8)], [np.zeros((0, 68, 2), np.float32)]
    for picture, first in found:
        once, _ = mesh(picture, first)
        twice, presence = mesh(picture, regions_from_landmarks(once))
        sure = Landmarks(MESH468, twice.points[presence >= SEEN])
        regions = regions_from_landmarks(sure)
        crops.append(cut(picture, regions))
        mapped.append(mesh_to_68(to_crop(sure.points, regions)))
    return np.concatenate(crops), np.concatenate(mapped)
