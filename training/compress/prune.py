"""Magnitude pruning: the smallest weights of each convolution become zero while it is tuned.

To prune, or not to prune, https://arxiv.org/abs/1710.01878: the share of zeros rises along a cubic,
fast at first while there is much to spare. The first convolution and the last layer, which are
small and matter most, stay whole.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

RISE = 0.6  # the part of the steps in which zeros are added; then what is left adapts
EVERY = 10  # steps between two additions


def pruned_layers(model: keras.Model) -> list[Any]:
    """The convolutions that are pruned: all but the first, and no depthwise ones."""
    found = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
    return found[1:]


def zero_share(model: keras.Model) -> float:
    """The share of zeros among the weights of the convolutions that are pruned."""
    kernels = [np.array(layer.kernel) for layer in pruned_layers(model)]
    zeros = sum(int((kernel == 0).sum()) for kernel in kernels)
    return zeros / max(sum(kernel.size for kernel in kernels), 1)


def share_at(step: int, steps: int, share: float) -> float:
    """The share of zeros after a number of steps of all."""
    way = min(step / max(steps * RISE, 1), 1.0)
    return share * (1 - (1 - way) ** 3)


class Pruner(keras.callbacks.Callback):  # type: ignore[misc]
    """Raises the share of zeros while a network is tuned.

    A constraint holds the zeros after each step of the optimizer. Which weights these are need not
    be kept for resuming: zeros are the smallest.

    Args:
        share: the share of zeros in the end.
        steps: steps of the whole tuning.
    """

    def __init__(self, share: float, steps: int) -> None:
        super().__init__()
        self._share, self._steps = share, steps

    def on_train_begin(self, logs: Any = None) -> None:
        """Hold from now on the zeros there are."""
        for layer in pruned_layers(self.model):
            layer.kernel.constraint = _Kept(layer.kernel.shape)
        self._apply(self._step())

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Add zeros now and then."""
        if batch % EVERY == 0:
            self._apply(self._step())

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Bring the zeros up to date before the state is kept."""
        self._apply(self._step())

    def on_train_end(self, logs: Any = None) -> None:
        """Leave ordinary kernels."""
        for layer in pruned_layers(self.model):
            layer.kernel.constraint = None

    def _step(self) -> int:
        return int(ops.convert_to_numpy(self.model.optimizer.iterations))

    def _apply(self, step: int) -> None:
        share = share_at(step, self._steps, self._share)
        for layer in pruned_layers(self.model):
            kernel = np.array(layer.kernel)
            kept = kept_weights(kernel, share)
            layer.kernel.constraint.kept.assign(kept)
            layer.kernel.assign(kernel * kept)


def kept_weights(kernel: np.ndarray[Any, Any], share: float) -> np.ndarray[Any, Any]:
    """1 for the weights to keep and 0 for a share of them, the smallest; of the kernel's shape."""
    kept = np.ones(kernel.size, np.float32)
    kept[np.argsort(np.abs(kernel), axis=None, kind="stable")[: round(share * kernel.size)]] = 0
    return kept.reshape(kernel.shape)


class _Kept(keras.constraints.Constraint):  # type: ignore[misc]
    """Holds weights at zero."""

    def __init__(self, shape: Any) -> None:
        self.kept = keras.Variable(np.ones(shape, np.float32), trainable=False)

    def __call__(self, w: Any) -> Any:
        return w * self.kept
