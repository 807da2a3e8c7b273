"""Augmented batches of faces and backgrounds for `keras.Model.fit`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.landmark.facestream_mesh import POINTS, inner_squares
from realtime.landmark.region import region_matrices
from training.augment import Augment, add_noise, coarsen, light_table, motion_kernel
from training.mesh.examples import MARGIN, SIDE, TRUSTED, MeshFaces
from training.mesh.framing import displaced
from training.mesh.loss import COLUMNS, COUNT
from training.mesh.mirror import MIRROR
from training.mesh.occluders import occlude

HELD_OUT = 20  # one in so many faces of a set validates
MID_NOSE = 195  # what a mask hides begins here
UNSEEN = 0.3  # weight of points behind a mask or a hand: the rest of the face tells where they are
MOST_HIDDEN = 0.45  # share of hidden points, above which presence is not taught
P_FIRST, P_WIDE = 0.25, 0.35  # framed as found at first; further off than following ever is
# Standard deviations of shift right, shift down, log side, and turn.
FOLLOWED = np.array([0.02, 0.02, 0.04, 0.05])
WIDE = np.array([0.05, 0.05, 0.1, 0.2])
IDEAL = np.array([[SIDE / 2, SIDE / 2, SIDE / MARGIN, 0]], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshAugment:
    """What happens to a crop; each `p_` is a probability.

    Attributes:
        camera: light and camera effects; its framing and cutout are not used.
        p_occlude: something is put in front of the face.
        p_gray: the picture loses its colour.
    """

    camera: Augment = field(
        default_factory=lambda: Augment(p_coarse=0.25, p_noise=0.25, noise=10.0, p_jpeg=0.12)
    )
    p_occlude: float = 0.18
    p_gray: float = 0.08


class MeshBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """Random crops; a batch depends only on seed, epoch and index, so runs can be resumed.

    Args:
        faces: the sets, drawn in proportion to their `share`.
        backgrounds: (n, SIDE, SIDE, 3) crops without a face.
        side_px: side of the network's input.
        zoom: the network's framing.
        batch: crops a batch.
        batches: batches an epoch.
        background_share: share of crops without a face.
        seed: random seed.
        first_epoch: index of the first epoch, when a run is resumed.
        held_out: draw the held-out faces, the same in every epoch.
    """

    def __init__(
        self,
        faces: list[MeshFaces],
        backgrounds: NDArray[np.uint8],
        *,
        side_px: int,
        zoom: float,
        batch: int,
        batches: int,
        background_share: float = 0.14,
        seed: int = 0,
        first_epoch: int = 0,
        held_out: bool = False,
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=12)
        self._faces = [f for f in faces if len(f) > 1]
        self._rows = [_rows(len(f), held_out) for f in self._faces]
        self._none = backgrounds[_rows(len(backgrounds), held_out)]
        share = np.array([f.share for f in self._faces])
        self._shares = share / share.sum()
        self._side, self._zoom = side_px, zoom
        self._batch, self._batches, self._background = batch, batches, background_share
        self._seed, self._epoch, self._held_out = seed, first_epoch, held_out
        self._config = MeshAugment()

    def __len__(self) -> int:
        return self._batches

    def on_epoch_end(self) -> None:
        """Draw others in the next epoch; called by Keras."""
        self._epoch += 1

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        epoch = 0 if self._held_out else self._epoch
        rng = np.random.default_rng([self._seed, int(self._held_out), epoch, index])
        crops = np.empty((self._batch, self._side, self._side, 3), np.uint8)
        truth = np.zeros((self._batch, COLUMNS), np.float32)
        for crop, row in zip(crops, truth, strict=True):
            if rng.random() < self._background and len(self._none):
                crop[:] = self._without_face(rng)
                row[-1] = 1
            else:
                crop[:] = self._with_face(row, rng)
        return crops.astype(np.float32), truth

    def shapes(self, count: int) -> F32:
        """(count, 1404) points as a network learns them, for the start of its last layer."""
        rows = [row for i in range(count // self._batch + 1) for row in self[i][1]]
        kept = [row[:POINTS] for row in rows if row[POINTS] > 0]
        return np.stack(kept[:count]) if kept else np.zeros((1, POINTS), np.float32)

    def _with_face(self, row: F32, rng: np.random.Generator) -> NDArray[np.uint8]:
        number = int(rng.choice(len(self._faces), p=self._shares))
        faces = self._faces[number]
        i = int(rng.choice(self._rows[number]))
        matrix, square = self._framing(faces.framing[i], rng)
        points = faces.points[i]
        if rng.random() < 0.5:
            matrix = _mirrored(matrix, self._side)
            points = points[MIRROR]
        crop = self._cut(faces.crops[i], matrix)
        placed = _invert(matrix, points[:, :2])
        visible = np.full(COUNT, np.clip((faces.presence[i] - TRUSTED) / 0.3, 0, 1), np.float32)
        if faces.masked:
            below = faces.points[i][:, 1] > faces.points[i][MID_NOSE, 1]
            visible[below if points is faces.points[i] else below[MIRROR]] *= UNSEEN
        counts = 1.0
        if rng.random() < self._config.p_occlude:
            hidden = occlude(crop, self._other(rng), placed, rng)
            visible[hidden] *= UNSEEN
            counts = float(hidden.mean() < MOST_HIDDEN)
        flat = row[:POINTS].reshape(COUNT, 3)
        flat[:, :2] = placed / self._side - 0.5
        flat[:, 2] = points[:, 2] / square[2]
        row[POINTS : POINTS + COUNT] = visible
        row[-2], row[-1] = 1, counts
        return self._camera(crop, rng)

    def _without_face(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        matrix, _ = self._framing(np.zeros(4, np.float32), rng)
        crop = self._cut(self._other(rng), matrix)
        return self._camera(crop, rng)

    def _other(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        if len(self._none) == 0:
            return np.zeros((SIDE, SIDE, 3), np.uint8)
        other: NDArray[np.uint8] = self._none[int(rng.integers(len(self._none)))]
        return other

    def _framing(self, first: F32, rng: np.random.Generator) -> tuple[F32, F32]:
        """The map from pixels of the input to those of the cached crop, and the square it shows."""
        draw = rng.random()
        errors = rng.normal(0, WIDE if draw > 1 - P_WIDE else FOLLOWED)
        if draw < P_FIRST and np.isfinite(first).all():
            errors = errors + np.clip(first, -0.35, 0.35)
        regions = displaced(IDEAL, errors[None].astype(np.float32))
        square = inner_squares(regions, self._zoom)
        return region_matrices(square, self._side)[0], square[0]

    def _cut(self, crop: NDArray[np.uint8], matrix: F32) -> NDArray[np.uint8]:
        cut = cv2.warpAffine(
            crop,
            matrix,
            (self._side, self._side),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(cut, np.uint8)

    def _camera(self, crop: Any, rng: np.random.Generator) -> NDArray[np.uint8]:
        camera = self._config.camera
        light, coarse, blur, motion, noise, jpeg, gray = rng.random(7)
        if gray < self._config.p_gray:
            crop = cv2.cvtColor(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        if light < camera.p_light:
            crop = cv2.LUT(crop, light_table(3, camera, rng))
        if coarse < camera.p_coarse:
            crop = coarsen(crop, rng.uniform(0.3, 0.9))
        if blur < camera.p_blur:
            crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.4, 1.6))
        if motion < camera.p_motion:
            kernel = motion_kernel(rng.uniform(2, camera.motion_px), rng.uniform(0, np.pi))
            crop = cv2.filter2D(crop, -1, kernel, borderType=cv2.BORDER_REPLICATE)
        if noise < camera.p_noise:
            crop = add_noise(crop, rng.uniform(1, camera.noise), rng)
        if jpeg < camera.p_jpeg:
            quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 80))]
            crop = cv2.imdecode(cv2.imencode(".jpg", crop, quality)[1], cv2.IMREAD_COLOR)
        return np.asarray(crop, np.uint8)


def _rows(count: int, held_out: bool) -> NDArray[np.int64]:
    rows = np.arange(count)
    return rows[(rows % HELD_OUT == 0) == held_out] if count >= HELD_OUT else rows


def _mirrored(matrix: F32, side_px: int) -> F32:
    """The map of the mirrored input."""
    mirrored = matrix.copy()
    mirrored[:, 0] = -matrix[:, 0]
    mirrored[:, 2] = matrix[:, 2] + matrix[:, 0] * side_px
    return mirrored


def _invert(matrix: F32, points: F32) -> F32:
    """Points (k, 2) from pixels of the cached crop to those of the input."""
    inverse = np.linalg.inv(matrix[:, :2])
    placed: F32 = ((points - matrix[:, 2]) @ inverse.T).astype(np.float32)
    return placed
