"""Batches of changed views for `keras.Model.fit`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from realtime.core.faces import F32
from training.detector.change import Change, changed
from training.detector.examples import Example, Examples
from training.detector.targets import targets
from training.detector.views import View, look, mosaic

P_MOSAIC = 0.5


class SceneBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """Views drawn at random; the same seed, epoch and place give the same batch, resumed or not.

    Args:
        sources: what views are taken of, each as often as its share says.
        side_px: side of the views.
        batch: views a batch.
        batches: batches an epoch.
        seed: the seed.
        first_epoch: where the count of epochs begins, when a run goes on.
        held: draw from the held-out pictures, the same views in every epoch, unchanged.
    """

    def __init__(
        self,
        sources: list[Examples],
        side_px: int,
        *,
        batch: int,
        batches: int,
        seed: int,
        first_epoch: int = 0,
        held: bool = False,
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=8)
        pools = [(s.share, s.held if held else s.learn) for s in sources]
        self._pools = [(share, pool) for share, pool in pools if pool]
        shares = np.array([share for share, _ in self._pools])
        self._shares = shares / shares.sum()
        self._side, self._batch, self._batches = side_px, batch, batches
        self._seed, self._epoch, self._held = seed, first_epoch, held

    def __len__(self) -> int:
        return self._batches

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        epoch = 0 if self._held else self._epoch
        rng = np.random.default_rng([self._seed, int(self._held), epoch, index])
        pictures = np.empty((self._batch, self._side, self._side, 3), np.uint8)
        wanted: list[F32] = []
        for picture in pictures:
            view = self.view(rng)
            other = self._example(rng).picture
            picture[:] = view.picture if self._held else changed(view, other, Change(), rng)
            wanted.append(targets(view.xyxy, view.learned, view.points, self._side))
        return pictures, np.stack(wanted)

    def view(self, rng: np.random.Generator) -> View:
        """One view, of one example or of four."""
        if rng.random() < P_MOSAIC:
            return mosaic([self._example(rng) for _ in range(4)], self._side, rng)
        return look(self._example(rng), (self._side, self._side), rng)

    def on_epoch_end(self) -> None:
        """Draw anew; Keras calls it."""
        self._epoch += 1

    def _example(self, rng: np.random.Generator) -> Example:
        _, pool = self._pools[int(rng.choice(len(self._pools), p=self._shares))]
        return pool[int(rng.integers(len(pool)))]
