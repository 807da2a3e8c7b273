"""Faces without labels, with the 68 points that a teacher sees: more faces to learn from.

The teacher is a network trained on the labelled faces. Its answers over several framings of a face
and of its mirror image are averaged, which is more exact than any of them, and the student learns
the mean: Distilling the Knowledge in a Neural Network, https://arxiv.org/abs/1503.02531.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from realtime.core.landmarks import POINTS68
from realtime.landmark.cnn68 import in_frame
from realtime.landmark.facestream_mesh import FaceStreamMesh, inner_squares
from realtime.landmark.region import crop_region, region_matrices, regions_from_landmarks
from realtime.track.track import SEEN
from training.crops import Arrays, cached
from training.data import Archive
from training.landmarks.faces import MIRROR, LabelledFace
from training.landmarks.regions import network_versions
from training.mesh.examples import MARGIN, SIDE, cut
from training.mesh.framing import displaced
from training.mesh.sources import DETECTOR, SOURCES, pictures
from training.progress import over

NAMES = ("utkface", "wider_train", "lfw_gender")  # of the mesh's sources: bare, whole faces
VIEWS = 4  # framings of each face, and as many of its mirror image
JITTER = np.array([0.02, 0.02, 0.05, 0.06])  # shift right, shift down, log side, turn
IDEAL = np.array([[SIDE / 2, SIDE / 2, SIDE / MARGIN, 0]], np.float32)


def read_unlabelled(
    data: Path, teacher: keras.Model, zoom: float, *, limit: int | None = None
) -> tuple[list[LabelledFace], F32]:
    """The faces of the mesh's sources of bare faces, and what the teacher says of them.

    Args:
        data: the folder of zipped sets.
        teacher: a network of `training.landmarks.network.build`.
        zoom: the teacher's framing.
        limit: maximum number of pictures of each set.

    Returns:
        Crops with points, and their regions (n, 4).

    Raises:
        training.data.DataError: a set is missing or malformed.
    """
    digest = hashlib.sha256(b"".join(w.tobytes() for w in teacher.get_weights())).hexdigest()
    crops, points = [], []
    for source in SOURCES:
        if source.name not in NAMES:
            continue
        with Archive(data, source.name) as archive:
            fingerprint = archive.fingerprint()
        key = {
            "data": fingerprint,
            "limit": limit,
            "teacher": digest,
            "cut": [SIDE, MARGIN, VIEWS, *JITTER.tolist()],
            "networks": network_versions(DETECTOR),
        }
        count, found = pictures(data, source, limit)

        def build(
            count: int = count, found: Iterator[tuple[Frame, F32]] = found, name: str = source.name
        ) -> Arrays:
            mesh = FaceStreamMesh()
            parts = [np.zeros((0, SIDE, SIDE, 3), np.uint8)]
            for picture, first in over(found, count, f"faces of {name}"):
                parts.append(_cut(mesh, picture, first))
            seen = np.concatenate(parts)
            return {"crops": seen, "points": answers(teacher, seen, zoom)}

        arrays = cached(f"points68-{source.name}", key, build)
        crops.append(arrays["crops"])
        points.append(arrays["points"])
    faces = [
        LabelledFace(crop, of_crop)
        for crop, of_crop in zip(np.concatenate(crops), np.concatenate(points), strict=True)
    ]
    return faces, np.repeat(IDEAL, len(faces), axis=0)


def answers(teacher: keras.Model, crops: NDArray[np.uint8], zoom: float) -> F32:
    """The teacher's mean points (n, 68, 2), in pixels of crops that show `IDEAL` regions."""
    side = teacher.input_shape[1]
    rng = np.random.default_rng(0)
    total = np.zeros((len(crops), POINTS68.count, 2), np.float32)
    for view in range(2 * VIEWS):
        errors = rng.normal(0, JITTER, (len(crops), 4)).astype(np.float32)
        regions = displaced(np.repeat(IDEAL, len(crops), axis=0), errors)
        matrices = region_matrices(inner_squares(regions, zoom), side)
        inputs = [crop_region(c, m, side) for c, m in zip(crops, matrices, strict=True)]
        pixels = np.array(inputs, np.uint8).reshape(-1, side, side, 3)
        if view % 2:
            pixels = pixels[:, :, ::-1]
        found = teacher.predict(pixels.astype(np.float32), batch_size=64, verbose=0)
        if view % 2:
            mirrored = found.reshape(-1, POINTS68.count, 2)[:, MIRROR]
            found = (mirrored * np.array([-1, 1], np.float32)).reshape(len(found), -1)
        total += in_frame(found, matrices, side)
    return total / np.float32(2 * VIEWS)


def _cut(mesh: FaceStreamMesh, picture: Frame, first: F32) -> NDArray[np.uint8]:
    """Crops (k, SIDE, SIDE, 3) of the faces that the mesh is sure of, in its regions."""
    found, _ = mesh(picture, first)
    found, presence = mesh(picture, regions_from_landmarks(found))
    return cut(picture, regions_from_landmarks(found)[presence >= SEEN])
