"""Magnitude pruning: the smallest weights of each convolution are set to zero during fine-tuning.

To prune, or not to prune, https://arxiv.org/abs/1710.01878: sparsity rises along a cubic, fastest
at the start, when most weights are redundant. The first convolution and the last layer, which are
small and sensitive, are not pruned.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

RAMP = 0.6  # fraction of the steps over which sparsity rises; the remaining weights then adapt
EVERY = 10  # steps between two updates


def pruned_layers(model: keras.Model) -> list[Any]:
    """The convolutions that are pruned: all but the first and depthwise ones."""
    convolutions = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
    return convolutions[1:]


def sparsity(model: keras.Model) -> float:
    """Fraction of zeros among the weights of the pruned convolutions."""
    kernels = [np.array(layer.kernel) for layer in pruned_layers(model)]
    zeros = sum(int((kernel == 0).sum()) for kernel in kernels)
    return zeros / max(sum(kernel.size for kernel in kernels), 1)


def sparsity_at(step: int, steps: int, final: float) -> float:
    """The scheduled sparsity after `step` of `steps` training steps."""
    progress = min(step / max(steps * RAMP, 1), 1.0)
    return final * (1 - (1 - progress) ** 3)


class Pruner(keras.callbacks.Callback):  # type: ignore[misc]
    """Raises the sparsity of a network during fine-tuning.

    A constraint keeps pruned weights at zero after each optimizer step. The mask need not be saved
    for resuming, since zeros are the smallest weights.

    Args:
        final: final sparsity, 0 to 1.
        steps: total number of training steps.
    """

    def __init__(self, final: float, steps: int) -> None:
        super().__init__()
        self._final, self._steps = final, steps

    def on_train_begin(self, logs: Any = None) -> None:
        """Attach the constraints."""
        for layer in pruned_layers(self.model):
            layer.kernel.constraint = _MaskConstraint(layer.kernel.shape)
        self._apply(self._step())

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Update the masks every `EVERY` batches."""
        if batch % EVERY == 0:
            self._apply(self._step())

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Update the masks before the state is saved."""
        self._apply(self._step())

    def on_train_end(self, logs: Any = None) -> None:
        """Detach the constraints."""
        for layer in pruned_layers(self.model):
            layer.kernel.constraint = None

    def _step(self) -> int:
        return int(ops.convert_to_numpy(self.model.optimizer.iterations))

    def _apply(self, step: int) -> None:
        target = sparsity_at(step, self._steps, self._final)
        for layer in pruned_layers(self.model):
            kernel = np.array(layer.kernel)
            mask = magnitude_mask(kernel, target)
            layer.kernel.constraint.mask.assign(mask)
            layer.kernel.assign(kernel * mask)


def magnitude_mask(kernel: np.ndarray[Any, Any], share: float) -> np.ndarray[Any, Any]:
    """A mask of the kernel's shape: 0 for the smallest `share` of the weights, 1 for the others."""
    mask = np.ones(kernel.size, np.float32)
    mask[np.argsort(np.abs(kernel), axis=None, kind="stable")[: round(share * kernel.size)]] = 0
    return mask.reshape(kernel.shape)


class _MaskConstraint(keras.constraints.Constraint):  # type: ignore[misc]
    """Keeps masked weights at zero."""

    def __init__(self, shape: Any) -> None:
        self.mask = keras.Variable(np.ones(shape, np.float32), trainable=False)

    def __call__(self, w: Any) -> Any:
        return w * self.mask
