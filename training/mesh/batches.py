"""Augmented batches of faces and backgrounds for `keras.Model.fit`."""

from __future__ import annotations

from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.landmark.facestream_mesh import POINTS, inner_squares
from realtime.landmark.region import crop_region, region_matrices
from training.mesh.camera import grain, look
from training.mesh.examples import MARGIN, SIDE, TRUSTED, MeshFaces
from training.mesh.eyelids import close_eyes
from training.mesh.framing import displaced
from training.mesh.loss import COLUMNS, COUNT, TWIN
from training.mesh.mirror import MIRROR
from training.mesh.occluders import occlude

HELD_OUT = 20  # one in so many faces of a set validates
MID_NOSE = 195  # what a mask hides begins here
UNSEEN = 0.3  # weight of points behind a mask or a hand: the rest of the face tells where they are
MAX_HIDDEN = 0.45  # share of hidden points, above which presence is not taught
P_FIRST, P_WIDE = 0.25, 0.35  # framed as found at first; further off than following ever is
P_OCCLUDED, P_CLOSED, P_TWINS = 0.18, 0.2, 0.5
MAX_CLOSED = 0.95  # MediaPipe's mesh never quite closes an eye
# Standard deviations of shift right, shift down, log side, and turn.
FOLLOWED = np.array([0.02, 0.02, 0.04, 0.05])
WIDE = np.array([0.05, 0.05, 0.1, 0.2])
NEXT_FRAME = np.array([0.008, 0.008, 0.012, 0.015])  # of a face that keeps still
IDEAL = np.array([[SIDE / 2, SIDE / 2, SIDE / MARGIN, 0]], np.float32)


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
        background_share: float = 0.22,
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
        self._batch, self._batches = batch, batches
        self._background = background_share / (1 - P_TWINS)  # twins are faces
        self._seed, self._epoch, self._held_out = seed, first_epoch, held_out

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
        for i in range(0, self._batch, 2):
            pair = slice(i, i + 2)
            if len(crops[pair]) == 2 and rng.random() < P_TWINS:
                self._with_face(crops[pair], truth[pair], rng)
                continue
            for crop, row in zip(crops[pair], truth[pair], strict=True):
                if rng.random() < self._background and len(self._none):
                    crop[:] = self._without_face(rng)
                    row[-1] = 1
                else:
                    self._with_face(crop[None], row[None], rng)
        return crops.astype(np.float32), truth

    def shapes(self, count: int) -> F32:
        """(count, 1404) points as a network learns them, for the start of its last layer."""
        rows = [row for i in range(count // self._batch + 1) for row in self[i][1]]
        kept = [row[:POINTS] for row in rows if row[POINTS] > 0]
        return np.stack(kept[:count]) if kept else np.zeros((1, POINTS), np.float32)

    def _with_face(self, crops: NDArray[np.uint8], rows: F32, rng: np.random.Generator) -> None:
        """Fill a crop and its row with a face; or two, with the next frame of the same face."""
        number = int(rng.choice(len(self._faces), p=self._shares))
        faces = self._faces[number]
        i = int(rng.choice(self._rows[number]))
        picture, points = faces.crops[i], faces.points[i]
        if rng.random() < P_CLOSED:
            picture, points = close_eyes(picture, points, rng.uniform(0.2, MAX_CLOSED))
        visible = np.full(COUNT, np.clip((faces.presence[i] - TRUSTED) / 0.3, 0, 1), np.float32)
        if faces.masked:
            visible[points[:, 1] > points[MID_NOSE, 1]] *= UNSEEN
        mirrored = rng.random() < 0.5
        region = self._framing(faces.framing[i], rng)
        seed, twins = int(rng.integers(2**32)), len(crops) == 2
        for crop, row in zip(crops, rows, strict=True):
            seen = visible.copy()
            square = inner_squares(region, self._zoom)
            matrix = region_matrices(square, self._side)[0]
            matrix = _mirrored(matrix, self._side) if mirrored else matrix
            cut = crop_region(picture, matrix, self._side)
            placed = _invert(matrix, points[:, :2])
            row[-1] = 1
            if not twins and rng.random() < P_OCCLUDED:
                hidden = occlude(cut, self._other(rng), placed, rng)
                seen[hidden] *= UNSEEN
                row[-1] = float(hidden.mean() < MAX_HIDDEN)
            flat = np.column_stack([placed / self._side - 0.5, points[:, 2] / square[0, 2]])
            order = MIRROR if mirrored else slice(None)
            row[:POINTS] = flat[order].ravel()
            row[POINTS : POINTS + COUNT] = seen[order]
            row[TWIN], row[-2] = twins, 1
            crop[:] = grain(look(cut, np.random.default_rng(seed)), rng, always=twins)
            region = displaced(region, rng.normal(0, NEXT_FRAME)[None].astype(np.float32))

    def _without_face(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        square = inner_squares(self._framing(np.zeros(4, np.float32), rng), self._zoom)
        crop = crop_region(self._other(rng), region_matrices(square, self._side)[0], self._side)
        return grain(look(crop, rng), rng)

    def _other(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        if len(self._none) == 0:
            return np.zeros((SIDE, SIDE, 3), np.uint8)
        other: NDArray[np.uint8] = self._none[int(rng.integers(len(self._none)))]
        return other

    def _framing(self, first: F32, rng: np.random.Generator) -> F32:
        """A region (1, 4) of the cached crop."""
        draw = rng.random()
        errors = rng.normal(0, WIDE if draw > 1 - P_WIDE else FOLLOWED)
        if draw < P_FIRST and np.isfinite(first).all():
            errors = errors + np.clip(first, -0.35, 0.35)
        return displaced(IDEAL, errors[None].astype(np.float32))


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
    inverse = cv2.invertAffineTransform(matrix)
    return np.asarray(cv2.transform(points[None], inverse)[0], np.float32)
