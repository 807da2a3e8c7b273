"""Batches of augmented crops for `keras.Model.fit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32

# (rows of the training set, rng) -> (augmented crops at the input size, labels)
MakeBatch = Callable[[NDArray[np.int64], np.random.Generator], tuple[NDArray[np.uint8], F32]]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Augmented batches; the same seed and epoch give the same batches, resumed or not.

    Args:
        repeats: (m,) float, how often each crop is shown per epoch; fractions are probabilities.
        make_batch: reads and augments the given rows of the training set.
        batch: batch size.
        seed: seed for order and augmentation.
        first_epoch: number of the first epoch, when a run is resumed.
    """

    def __init__(
        self,
        repeats: F32,
        make_batch: MakeBatch,
        *,
        batch: int,
        seed: int,
        first_epoch: int = 0,
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=8)
        self._repeats, self._make_batch = repeats, make_batch
        self._batch, self._seed = batch, seed
        self._epoch = first_epoch
        # Keras needs epochs of constant length, so fractions are sampled to exactly this total.
        self._batches = max(1, int(repeats.sum()) // batch)
        self._order = self._shuffled()

    def __len__(self) -> int:
        return self._batches

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        rows = self._order[index * self._batch : (index + 1) * self._batch]
        rng = np.random.default_rng([self._seed, self._epoch, index])
        crops, labels = self._make_batch(rows, rng)
        return crops.astype(np.float32), labels.astype(np.float32)

    def on_epoch_end(self) -> None:
        """Reshuffle; called by Keras."""
        self._epoch += 1
        self._order = self._shuffled()

    def _shuffled(self) -> NDArray[np.int64]:
        rng = np.random.default_rng([self._seed, self._epoch])
        whole = np.floor(self._repeats).astype(int)
        rows = np.repeat(np.arange(len(whole)), whole)
        part = self._repeats - whole
        short = max(self._batches * self._batch - len(rows), 0)
        if short:
            even = np.full(len(part), 1 / len(part))
            share = part / part.sum() if part.sum() > 0 else even
            rows = np.concatenate([rows, rng.choice(len(part), short, p=share)])
        order: NDArray[np.int64] = rng.permutation(rows)
        return order


def class_repeats(labels: F32, *, power: float, max_repeats: float) -> F32:
    """How often to show each row per epoch, to oversample rare classes.

    Args:
        labels: (m, k), rows sum to one.
        power: 0 for no oversampling, 1 for balanced classes.
        max_repeats: upper bound.

    Returns:
        (m,) float32, at least 1; rows of the most frequent class are shown once.
    """
    mass = labels.sum(axis=0)
    factor = np.clip((mass.max() / np.maximum(mass, 1)) ** power, 1, max_repeats)
    repeats: F32 = (labels @ factor).astype(np.float32)
    return repeats
