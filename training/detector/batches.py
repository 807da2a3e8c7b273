"""Batches of augmented views for `keras.Model.fit`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from realtime.core.faces import F32
from training.detector.augment import ViewAugment, augment_view
from training.detector.examples import Example, ExampleSet
from training.detector.targets import targets
from training.detector.views import View, mosaic, random_view

P_MOSAIC = 0.5


class SceneBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """Random views; a batch depends only on seed, epoch and index, so runs can be resumed.

    Args:
        sources: the example sets, sampled in proportion to their `share`.
        side_px: side of the square views.
        batch: views per batch.
        batches: batches per epoch.
        seed: random seed.
        first_epoch: index of the first epoch, when a run is resumed.
        held_out: draw from the held-out pictures: the same views in every epoch, not augmented.
    """

    def __init__(
        self,
        sources: list[ExampleSet],
        side_px: int,
        *,
        batch: int,
        batches: int,
        seed: int,
        first_epoch: int = 0,
        held_out: bool = False,
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=8)
        pools = [(s.share, s.held_out if held_out else s.train) for s in sources]
        self._pools = [(share, pool) for share, pool in pools if pool]
        shares = np.array([share for share, _ in self._pools])
        self._shares = shares / shares.sum()
        weights = [np.cumsum([example.weight for example in pool]) for _, pool in self._pools]
        self._drawn = [summed / summed[-1] for summed in weights]
        self._side, self._batch, self._batches = side_px, batch, batches
        self._seed, self._epoch, self._held_out = seed, first_epoch, held_out

    def __len__(self) -> int:
        return self._batches

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        epoch = 0 if self._held_out else self._epoch
        rng = np.random.default_rng([self._seed, int(self._held_out), epoch, index])
        pictures = np.empty((self._batch, self._side, self._side, 3), np.uint8)
        truth: list[F32] = []
        for picture in pictures:
            view = self.view(rng)
            other = self._example(rng).picture
            if self._held_out:
                picture[:] = view.picture
            else:
                picture[:] = augment_view(view, other, ViewAugment(), rng)
            truth.append(targets(view.xyxy, view.valid, view.points, self._side))
        return pictures, np.stack(truth)

    def view(self, rng: np.random.Generator) -> View:
        """A random view of one example, or a mosaic of four."""
        if rng.random() < P_MOSAIC:
            return mosaic([self._example(rng) for _ in range(4)], self._side, rng)
        return random_view(self._example(rng), (self._side, self._side), rng)

    def on_epoch_end(self) -> None:
        """Draw new views in the next epoch; called by Keras."""
        self._epoch += 1

    def _example(self, rng: np.random.Generator) -> Example:
        number = int(rng.choice(len(self._pools), p=self._shares))
        _, pool = self._pools[number]
        return pool[int(np.searchsorted(self._drawn[number], rng.random(), side="right"))]
