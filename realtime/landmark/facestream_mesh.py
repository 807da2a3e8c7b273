"""FaceStream's face mesh: the 468 points of MediaPipe's topology, from a network of our own.

`python -m training mesh` trains it on the answers of MediaPipe's network.
"""

from __future__ import annotations

import numpy as np

import models
from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import MESH468, Landmarks
from realtime.inference.litert import LiteRTModel
from realtime.landmark.region import crop_region, region_matrices

NAME = "mesh"
# Columns of the network's answer: x, y and z of each point, and the logit of presence.
POINTS, PRESENCE = MESH468.count * MESH468.dimensions, 1


class FaceStreamMesh:
    """The mesh network; used by one thread at a time.

    Args:
        threads: threads that may run at once, each on faces of its own.

    Attributes:
        topology: `MESH468`.

    Raises:
        models.ModelError: the network is missing or damaged, or its card lacks a head.
    """

    topology = MESH468

    def __init__(self, *, threads: int = 1) -> None:
        model = models.load(NAME)
        self._side, self._zoom = model.side_px, model.zoom
        self._columns = head_columns(model)
        self._network = LiteRTModel(model.path, threads=threads)

    def warm_up(self, faces: int) -> None:
        """Allocate and run the network for up to `faces` faces."""
        self._network.warm_up(faces)

    def __call__(self, frame_bgr: Frame, regions: F32) -> tuple[Landmarks, F32]:
        """Find the mesh in each region.

        Args:
            frame_bgr: the picture.
            regions: (n, 4), see `realtime.landmark.region`.

        Returns:
            The landmarks in pixels of the frame, and presence (n,): how sure the network is that
            the region shows a face, 0 to 1.
        """
        squares = inner_squares(regions, self._zoom)
        matrices = region_matrices(squares, self._side)

        def crop(i: int) -> F32:
            return crop_region(frame_bgr, matrices[i], self._side).astype(np.float32)[None]

        (answers,) = self._network.run_each(len(regions), crop)
        points, logit = (answers[:, self._columns[head]] for head in ("points", "presence"))
        presence: F32 = np.reciprocal(1 + np.exp(-np.clip(logit[:, 0], -80, 80)))
        return Landmarks(MESH468, to_frame(points, squares)), presence


def head_columns(model: models.Model) -> dict[str, slice]:
    """The columns of each head in the network's answer, from the card's table `[heads]`.

    Raises:
        models.ModelError: the table is missing or malformed, or lacks points or presence.
    """
    heads = model.card.get("heads")
    sizes = dict(heads) if isinstance(heads, dict) else {}
    if sizes.get("points") != POINTS or sizes.get("presence") != PRESENCE:
        raise models.ModelError(
            f"Model {model.name!r}: the card's table [heads] must give points = {POINTS} and "
            f"presence = {PRESENCE}."
        )
    if not all(isinstance(size, int) and 0 < size <= 65_536 for size in sizes.values()):
        raise models.ModelError(f"Model {model.name!r}: [heads] must give columns by head.")
    columns, start = {}, 0
    for name, size in sizes.items():
        columns[name] = slice(start, start + size)
        start += size
    return columns


def inner_squares(regions: F32, zoom: float) -> F32:
    """The part (n, 4) of each region that the network sees: the face fills more of it."""
    return np.divide(regions, np.array([1, 1, zoom, 1], np.float32), dtype=np.float32)


def to_frame(points: F32, squares: F32) -> F32:
    """Points from sides of a square, from its centre, to pixels of the frame.

    Args:
        points: (n, 1404), x, y and z of each point.
        squares: (n, 4), see `inner_squares`.

    Returns:
        (n, 468, 3) float32.
    """
    sides = points.reshape(-1, MESH468.count, MESH468.dimensions) * squares[:, None, 2:3]
    cos, sin = np.cos(squares[:, 3:4]), np.sin(squares[:, 3:4])
    landmarks = np.empty_like(sides)
    landmarks[..., 0] = squares[:, 0:1] + cos * sides[..., 0] - sin * sides[..., 1]
    landmarks[..., 1] = squares[:, 1:2] + sin * sides[..., 0] + cos * sides[..., 1]
    landmarks[..., 2] = sides[..., 2]
    return landmarks
