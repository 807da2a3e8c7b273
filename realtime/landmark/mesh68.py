"""The mesh's 468 points as the 68 that people label: a table, and a linear correction on top.

Some of the 68 lie where the mesh has no point, and the jaw is labelled along the face's visible
edge, while the mesh's points stay on the skin. A linear map of the mapped points, learned on
labelled faces, takes most of that away: `python -m training landmarks` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import models
from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import MESH68, POINTS68, Landmarks
from realtime.landmark.facestream_mesh import FaceStreamMesh
from realtime.landmark.npz import read_arrays

NAME, FILE = "mesh68", "model.npz"
_RIGHT, _LEFT = POINTS68.measured.right_eye[0], POINTS68.measured.left_eye[3]  # outer corners
C64 = NDArray[np.complexfloating[Any, Any]]
# The mesh point that stands for each of the 68, in their order: jaw from the right ear to the left,
# right and left brow, bridge and base of the nose, right and left eye, outer lips, inner lips. For
# eyes, nose and lips it is the same place on the face; for jaw and brows, whose labels follow no
# fixed place, the vertex that was nearest on average over landmarks_300w train, the same on both
# sides.
MESH_TO_68 = (
    *(127, 227, 177, 215, 172, 136, 149, 148, 152, 377, 378, 365, 397, 435, 401, 447, 356),
    *(70, 63, 105, 66, 55, 285, 296, 334, 293, 300),
    *(168, 197, 5, 1, 98, 97, 2, 326, 327),
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),
    *(78, 82, 13, 312, 308, 317, 14, 87),
)


class Mesh68:
    """68 points by the mesh and the shipped map.

    Args:
        threads: threads of the mesh's network, which runs only where the mesh is not known yet.

    Attributes:
        topology: `MESH68`.

    Raises:
        models.ModelError: the map is missing or damaged.
    """

    topology = MESH68

    def __init__(self, *, threads: int = 1) -> None:
        self._map, self._threads = MeshTo68.load(), threads

    @cached_property
    def _mesh(self) -> FaceStreamMesh:
        return FaceStreamMesh(threads=self._threads)

    def warm_up(self, faces: int) -> None:
        """Nothing to prepare where the mesh is known."""

    def __call__(self, frame_bgr: Frame, regions: F32) -> tuple[Landmarks, F32 | None]:
        """See `realtime.landmark.types.Landmarker`."""
        mesh, presence = self._mesh(frame_bgr, regions)
        return self.from_mesh(frame_bgr, mesh), presence

    def from_mesh(self, frame_bgr: Frame, mesh: Landmarks) -> Landmarks:
        """The 68 points of the same faces; the picture is not looked at."""
        return Landmarks(MESH68, self._map(mesh.points))


@dataclass(frozen=True, slots=True, eq=False)
class MeshTo68:
    """The map, in the frame of the eyes: origin between their outer corners, which are 1 apart.

    Attributes:
        weights: (136, 136) float32, from the mapped points to what is added to them.
        offset: (136,) float32, added to all.
    """

    weights: F32
    offset: F32

    def __call__(self, landmarks: F32) -> F32:
        """(n, 468, 3) of the mesh to (n, 68, 2), in the same pixels."""
        mapped = mesh_as_68(landmarks)
        plain = to_eye_frame(mapped, mapped)
        added = plain.reshape(len(plain), 2 * plain.shape[1]) @ self.weights + self.offset
        return from_eye_frame(plain + added.reshape(plain.shape), mapped)

    @classmethod
    def load(cls, root: Path | None = None) -> MeshTo68:
        """The shipped map, its file checked against its card.

        Raises:
            models.ModelError: it is missing or damaged.
        """
        return cls.read(models.load(NAME, root=root, file=FILE).path)

    @classmethod
    def read(cls, path: Path) -> MeshTo68:
        """The map in a file.

        Raises:
            LandmarkFileError: the file is damaged or something else.
        """
        stored = read_arrays(path, ("weights", "offset"))
        return cls(stored["weights"].astype(np.float32), stored["offset"])


def mesh_as_68(landmarks: F32) -> F32:
    """The mesh's points that stand for the 68: (n, 468, 3) to (n, 68, 2), by `MESH_TO_68`."""
    return landmarks[:, MESH_TO_68, :2]


def to_eye_frame(points: F32, frame_of: F32) -> F32:
    """Points (n, k, 2) in the frame of the eyes of `frame_of` (n, 68, 2)."""
    origin, axis = _eyes(frame_of)
    return _as_pairs((_as_complex(points) - origin) / axis)


def from_eye_frame(points: F32, frame_of: F32) -> F32:
    """The way back of `to_eye_frame`."""
    origin, axis = _eyes(frame_of)
    return _as_pairs(_as_complex(points) * axis + origin)


def _eyes(points: F32) -> tuple[C64, C64]:
    """Middle of the eyes' outer corners, and the way from one to the other: two (n, 1) complex."""
    corners = _as_complex(points[:, [_RIGHT, _LEFT]])
    axis = corners[:, 1:] - corners[:, :1]
    return corners.mean(axis=1, keepdims=True), np.where(np.abs(axis) < 1e-6, 1, axis)


def _as_complex(points: F32) -> C64:
    return points[..., 0] + 1j * points[..., 1]


def _as_pairs(values: C64) -> F32:
    return np.stack([values.real, values.imag], axis=-1).astype(np.float32)
