"""Augmented batches of labelled faces for `keras.Model.fit`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.core.landmarks import POINTS68
from realtime.landmark.cnn68 import COLUMNS
from realtime.landmark.dlib68 import regions_from_points
from realtime.landmark.facestream_mesh import inner_squares
from realtime.landmark.region import crop_region, region_matrices
from training.landmarks.examples import points_in_crop
from training.landmarks.faces import MIRROR, LabelledFace
from training.mesh.camera import grain, look
from training.mesh.framing import displaced
from training.mesh.occluders import occlude

P_OCCLUDED = 0.12
OCCLUDED = 0.3  # weight of occluded points, which can only be estimated from the rest
# Standard deviations of shift right, shift down, log side, and turn, beside the mesh's own errors.
JITTER = np.array([0.015, 0.015, 0.03, 0.04])
COUNT = POINTS68.count


@dataclass(frozen=True, slots=True, eq=False)
class MappedFaces:
    """Labelled faces, and their 68 points as mapped from the mesh.

    Attributes:
        faces: n labelled faces.
        mapped: (n, 68, 2) float32 pixels of the pictures.
    """

    faces: Sequence[LabelledFace]
    mapped: F32

    def with_mirrored(self) -> MappedFaces:
        """These faces, then their mirror images."""
        flipped = self.mapped[:, MIRROR].copy()
        widths = np.array([face.picture.shape[1] for face in self.faces], np.float32)
        flipped[..., 0] = widths[:, None] - 1 - flipped[..., 0]
        mirrored = [face.mirrored() for face in self.faces]
        return MappedFaces([*self.faces, *mirrored], np.concatenate([self.mapped, flipped]))

    def cut(self, side_px: int, zoom: float) -> tuple[NDArray[np.uint8], F32]:
        """Crops (n, side, side, 3), and rows (n, 340) as `PointBatches` makes them, unchanged."""
        regions = regions_from_points(self.mapped)
        crops = np.empty((len(self.faces), side_px, side_px, 3), np.uint8)
        rows = np.ones((len(self.faces), 2 * COLUMNS + COUNT), np.float32)
        for i, face in enumerate(self.faces):
            crops[i] = _fill(rows[i], face, self.mapped[i], regions[i : i + 1], side_px, zoom)
        return crops, rows


class PointBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """Random crops, and rows (n, 340): true points, mapped points, a weight for each point.

    A batch depends only on seed, epoch and index, so runs can be resumed.

    Args:
        sets: the faces; drawn from each set in turn.
        batches: batches an epoch.
        side_px: side of the network's input.
        zoom: the network's framing.
        batch: crops a batch.
        seed: random seed.
        first_epoch: index of the first epoch, when a run is resumed.
    """

    def __init__(
        self,
        sets: Sequence[MappedFaces],
        *,
        batches: int,
        side_px: int,
        zoom: float,
        batch: int,
        seed: int = 0,
        first_epoch: int = 0,
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=12)
        self._sets = sets
        self._regions = [regions_from_points(one.mapped) for one in sets]
        self._batches, self._side, self._zoom, self._batch = batches, side_px, zoom, batch
        self._seed, self._epoch = seed, first_epoch

    def __len__(self) -> int:
        return self._batches

    def on_epoch_end(self) -> None:
        """Draw others in the next epoch; called by Keras."""
        self._epoch += 1

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        rng = np.random.default_rng([self._seed, self._epoch, index])
        crops = np.empty((self._batch, self._side, self._side, 3), np.uint8)
        rows = np.ones((self._batch, 2 * COLUMNS + COUNT), np.float32)
        for place, (crop, row) in enumerate(zip(crops, rows, strict=True)):
            number = place % len(self._sets)
            faces, mapped = self._sets[number].faces, self._sets[number].mapped
            i = int(rng.integers(len(faces)))
            errors = rng.normal(0, JITTER)[None].astype(np.float32)
            region = displaced(self._regions[number][i : i + 1], errors)
            crop[:] = _fill(row, faces[i], mapped[i], region, self._side, self._zoom)
            if rng.random() < P_OCCLUDED:
                other = faces[int(rng.integers(len(faces)))].picture
                placed = (row[:COLUMNS].reshape(COUNT, 2) + 0.5) * self._side
                row[2 * COLUMNS :][occlude(crop, other, placed, rng)] = OCCLUDED
            crop[:] = grain(look(crop, rng), rng)
        return crops.astype(np.float32), rows


def _fill(
    row: F32, face: LabelledFace, mapped: F32, region: F32, side_px: int, zoom: float
) -> NDArray[np.uint8]:
    """The crop of a region (1, 4); its true and mapped points are written to the row."""
    matrix = region_matrices(inner_squares(region, zoom), side_px)[0]
    both = np.stack([points_in_crop(points, matrix) for points in (face.points, mapped)])
    row[: 2 * COLUMNS] = (both / side_px - 0.5).ravel()
    return crop_region(face.picture, matrix, side_px)
