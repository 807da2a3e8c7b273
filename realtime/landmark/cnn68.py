"""The 68 points as `mesh68` maps them, moved by a network of our own that looks at the picture.

The answer is a weighted mean of the mapped points and the network's: their errors differ.
`python -m training landmarks --steps network` trains it.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

import models
from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import CNN68, Landmarks
from realtime.inference.litert import LiteRTModel
from realtime.landmark.dlib68 import regions_from_points
from realtime.landmark.facestream_mesh import FaceStreamMesh, inner_squares
from realtime.landmark.mesh68 import MeshTo68
from realtime.landmark.region import crop_region, region_matrices

NAME = "cnn68"
COLUMNS = CNN68.count * CNN68.dimensions
HALF = np.float32(0.5)


class Cnn68:
    """The network of the 68 points; used by one thread at a time.

    Args:
        threads: threads that may run at once, each on faces of its own.

    Attributes:
        topology: `CNN68`.

    Raises:
        models.ModelError: the network or the map from the mesh is missing or damaged.
    """

    topology = CNN68

    def __init__(self, *, threads: int = 1) -> None:
        model = models.load(NAME)
        self._side, self._zoom, self._threads = model.side_px, model.zoom, threads
        self._share = np.float32(network_share(model))
        self._network = LiteRTModel(model.path, threads=threads)
        self._map = MeshTo68.load()

    @cached_property
    def _mesh(self) -> FaceStreamMesh:
        return FaceStreamMesh(threads=self._threads)

    def warm_up(self, faces: int) -> None:
        """Allocate and run the network for up to `faces` faces."""
        self._network.warm_up(faces)

    def __call__(self, frame_bgr: Frame, regions: F32) -> tuple[Landmarks, F32 | None]:
        """See `realtime.landmark.types.Landmarker`."""
        mesh, presence = self._mesh(frame_bgr, regions)
        return self.from_mesh(frame_bgr, mesh), presence

    def from_mesh(self, frame_bgr: Frame, mesh: Landmarks) -> Landmarks:
        """The 68 points of the same faces."""
        return Landmarks(CNN68, self.moved(frame_bgr, self._map(mesh.points)))

    def moved(self, frame_bgr: Frame, mapped: F32) -> F32:
        """The weighted mean of mapped points (n, 68, 2) and the network's, in pixels."""
        matrices = crop_matrices(mapped, self._side, self._zoom)

        def crop(i: int) -> F32:
            return crop_region(frame_bgr, matrices[i], self._side).astype(np.float32)[None]

        (answers,) = self._network.run_each(len(mapped), crop)
        return mapped + self._share * (in_frame(answers, matrices, self._side) - mapped)


def network_share(model: models.Model) -> float:
    """The network's share in the answer, from the card's `share`.

    Raises:
        models.ModelError: it is missing, or not a number from 0 to 1.
    """
    share = model.card.get("share")
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        raise models.ModelError(f"Model {model.name!r}: the card must give share, from 0 to 1.")
    return float(share)


def crop_matrices(mapped: F32, side_px: int, zoom: float) -> F32:
    """(n, 2, 3) maps from a crop, upright and about points (n, 68, 2), to the frame, in pixels."""
    return region_matrices(inner_squares(regions_from_points(mapped), zoom), side_px)


def in_frame(answers: F32, matrices: F32, side_px: int) -> F32:
    """Points from sides of the crop, from its centre, to pixels of the frame.

    Args:
        answers: (n, 136), x and y of each point.
        matrices: (n, 2, 3), see `crop_matrices`.
        side_px: side of the crop.

    Returns:
        (n, 68, 2) float32.
    """
    pixels = (answers.reshape(-1, CNN68.count, CNN68.dimensions) + HALF) * side_px
    turned = pixels @ matrices[:, :, :2].transpose(0, 2, 1) + matrices[:, None, :, 2]
    return np.asarray(turned, np.float32)
