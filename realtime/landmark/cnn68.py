"""The 68 points from a convolutional network of our own, in the region that the mesh gives.

`python -m training landmarks --steps network` trains it.
"""

from __future__ import annotations

import numpy as np

import models
from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import CNN68, Landmarks
from realtime.inference.litert import LiteRTModel
from realtime.landmark.facestream_mesh import inner_squares
from realtime.landmark.region import crop_region, region_matrices

NAME = "cnn68"
COLUMNS = CNN68.count * CNN68.dimensions


class Cnn68:
    """The network of the 68 points; used by one thread at a time.

    Args:
        threads: threads that may run at once, each on faces of its own.

    Attributes:
        topology: `CNN68`.

    Raises:
        models.ModelError: the network is missing or damaged.
    """

    topology = CNN68

    def __init__(self, *, threads: int = 1) -> None:
        model = models.load(NAME)
        self._side, self._zoom = model.side_px, model.zoom
        self._network = LiteRTModel(model.path, threads=threads)

    def warm_up(self, faces: int) -> None:
        """Allocate and run the network for up to `faces` faces."""
        self._network.warm_up(faces)

    def __call__(self, frame_bgr: Frame, regions: F32) -> tuple[Landmarks, None]:
        """The points in each region; see `realtime.landmark.types.Landmarker`."""
        squares = inner_squares(regions, self._zoom)
        matrices = region_matrices(squares, self._side)

        def crop(i: int) -> F32:
            return crop_region(frame_bgr, matrices[i], self._side).astype(np.float32)[None]

        (answers,) = self._network.run_each(len(regions), crop)
        return Landmarks(CNN68, in_frame(answers, matrices, self._side)), None


def in_frame(answers: F32, matrices: F32, side_px: int) -> F32:
    """Points from sides of the crop, from its centre, to pixels of the frame.

    Args:
        answers: (n, 136), x and y of each point.
        matrices: (n, 2, 3), see `realtime.landmark.region.region_matrices`.
        side_px: side of the crop.

    Returns:
        (n, 68, 2) float32.
    """
    pixels = (answers.reshape(-1, CNN68.count, CNN68.dimensions) + np.float32(0.5)) * side_px
    turned = pixels @ matrices[:, :, :2].transpose(0, 2, 1) + matrices[:, None, :, 2]
    return np.asarray(turned, np.float32)
