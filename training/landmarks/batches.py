"""Augmented batches of labelled faces for `keras.Model.fit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.core.landmarks import POINTS68
from realtime.landmark.facestream_mesh import inner_squares
from realtime.landmark.region import crop_region, region_matrices
from training.landmarks.examples import points_in_crop
from training.landmarks.faces import LabelledFace
from training.mesh.camera import grain, look
from training.mesh.framing import displaced
from training.mesh.occluders import occlude

P_WIDE, P_OCCLUDED = 0.3, 0.15
HIDDEN = 0.3  # weight of points behind something: the rest of the face tells where they are
# Standard deviations of shift right, shift down, log side, and turn.
FOLLOWED = np.array([0.02, 0.02, 0.04, 0.06])
WIDE = np.array([0.04, 0.04, 0.1, 0.25])
COUNT = POINTS68.count


class PointBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """Random crops, and rows (n, 204): the points, then a weight for each.

    A batch depends only on seed, epoch and index, so runs can be resumed.

    Args:
        sets: faces with points, and the mesh's region (n, 4) of each; drawn from each set
            in turn.
        batches: batches an epoch.
        side_px: side of the network's input.
        zoom: the network's framing.
        batch: crops a batch.
        seed: random seed.
        first_epoch: index of the first epoch, when a run is resumed.
    """

    def __init__(
        self,
        sets: Sequence[tuple[Sequence[LabelledFace], F32]],
        *,
        batches: int,
        side_px: int,
        zoom: float,
        batch: int,
        seed: int = 0,
        first_epoch: int = 0,
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=12)
        self._sets, self._batches = sets, batches
        self._side, self._zoom, self._batch = side_px, zoom, batch
        self._seed, self._epoch = seed, first_epoch

    def __len__(self) -> int:
        return self._batches

    def on_epoch_end(self) -> None:
        """Draw others in the next epoch; called by Keras."""
        self._epoch += 1

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        rng = np.random.default_rng([self._seed, self._epoch, index])
        crops = np.empty((self._batch, self._side, self._side, 3), np.uint8)
        truth = np.empty((self._batch, 3 * COUNT), np.float32)
        for place, (crop, row) in enumerate(zip(crops, truth, strict=True)):
            faces, regions = self._sets[place % len(self._sets)]
            i = int(rng.integers(len(faces)))
            draw = rng.random(2)
            errors = rng.normal(0, WIDE if draw[0] < P_WIDE else FOLLOWED)[None]
            region = displaced(regions[i : i + 1], errors.astype(np.float32))
            crop[:], points = cut(faces[i], region, self._side, self._zoom)
            row[: 2 * COUNT], row[2 * COUNT :] = points, 1
            if draw[1] < P_OCCLUDED:
                other = faces[int(rng.integers(len(faces)))].picture
                placed = (points.reshape(-1, 2) + 0.5) * self._side
                row[2 * COUNT :][occlude(crop, other, placed, rng)] = HIDDEN
            crop[:] = grain(look(crop, rng), rng)
        return crops.astype(np.float32), truth


def cut(
    face: LabelledFace, region: F32, side_px: int, zoom: float
) -> tuple[NDArray[np.uint8], F32]:
    """The crop (side, side, 3) of a region (1, 4), and the points (136,) as the network answers."""
    matrix = region_matrices(inner_squares(region, zoom), side_px)[0]
    crop = crop_region(face.picture, matrix, side_px)
    return crop, (points_in_crop(face.points, matrix) / side_px - 0.5).astype(np.float32).ravel()


def mirrored_too(faces: Sequence[LabelledFace], regions: F32) -> tuple[list[LabelledFace], F32]:
    """The faces and regions, then their mirror images."""
    flipped = regions.copy()
    flipped[:, 0] = [f.picture.shape[1] - 1 - x for f, x in zip(faces, regions[:, 0], strict=True)]
    flipped[:, 3] *= -1
    return [*faces, *(face.mirrored() for face in faces)], np.concatenate([regions, flipped])
