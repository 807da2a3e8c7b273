"""Fake quantisation: a float network that rounds as its int8 file will, so that it can learn to.

Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference,
https://arxiv.org/abs/1712.05877. Weights are symmetric int8 with a step for each output channel,
activations asymmetric int8 with one step for the tensor. Gradients pass rounding unchanged (the
straight-through estimator, https://arxiv.org/abs/1308.3432). What comes before the first
convolution and after the pooling stays float: it costs next to no time.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from realtime.core.faces import F32
from training.compress.graph import consumers, copied, with_weights

Tensor = Any
WEIGHT_STEPS = 127  # -127..127, so that 0 is on the grid and both signs reach equally far
STEPS = 255
RARE = 0.01  # of the crops may exceed a range when it is set
MOMENTUM = 0.99  # of the moving ends of an activation's range


def straight(x: Tensor, rounded: Tensor) -> Tensor:
    """`rounded`, with the gradient of `x`."""
    return x + ops.stop_gradient(rounded - x)


def weights_on_grid(kernel: Tensor) -> Tensor:
    """A kernel's values, rounded to the 255 symmetric steps of its output channel (last axis)."""
    axes = tuple(range(len(kernel.shape) - 1))
    step = ops.maximum(ops.max(ops.abs(kernel), axis=axes, keepdims=True), 1e-8) / WEIGHT_STEPS
    return straight(kernel, ops.round(kernel / step) * step)


def nudged(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """The range moved so that 0 is on its grid, and its step: TensorFlow's fake_quant does so."""
    low, high = ops.minimum(low, 0.0), ops.maximum(high, 0.0)
    step = ops.maximum(high - low, 1e-8) / STEPS
    return -ops.round(-low / step) * step, step


def on_grid(x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Activations clipped to a range and rounded to its 256 steps."""
    start, step = nudged(low, high)
    clipped = ops.clip(x, start, start + STEPS * step)
    return straight(clipped, ops.round((clipped - start) / step) * step + start)


class FakeQuant(layers.Layer):  # type: ignore[misc]
    """Rounds activations to int8 over a range that follows what passes in training.

    Args:
        low: where the range begins at first.
        high: where it ends at first.
        name: the layer's name.
    """

    def __init__(self, low: float, high: float, *, name: str) -> None:
        super().__init__(name=name)
        self.low = self._end("low", low)
        self.high = self._end("high", high)
        self.built = True

    def _end(self, name: str, value: float) -> Any:
        return self.add_weight(
            name=name, shape=(), initializer=keras.initializers.Constant(value), trainable=False
        )

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """`x` on the grid; in training the range moves a little towards that of `x` first."""
        if training:
            for end, value in ((self.low, ops.min(x)), (self.high, ops.max(x))):
                end.assign(MOMENTUM * end + (1 - MOMENTUM) * ops.stop_gradient(value))
        return on_grid(x, self.low, self.high)


class QuantConv2D(layers.Conv2D):  # type: ignore[misc]
    """A convolution whose kernel is on the int8 grid."""

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Convolve with the rounded kernel."""
        return super().convolution_op(inputs, weights_on_grid(kernel))


def rounded_after(model: keras.Model) -> set[str]:
    """Names of the operations of a folded network whose output is int8.

    These are what convolutions, additions and the last pooling take. Where an activation follows
    alone, LiteRT computes it together with what is before, so only its output is rounded.
    """
    found = set()
    after = consumers(model)
    for operation in model.operations:
        next_ones = after[operation.name]
        if isinstance(operation, layers.ReLU):
            found.add(operation.name)
        elif isinstance(operation, layers.Conv2D | layers.Add):
            if not all(isinstance(n, layers.ReLU) for n in next_ones):
                found.add(operation.name)
        elif not isinstance(operation, layers.Layer) and any(
            isinstance(n, layers.Conv2D) for n in next_ones
        ):
            found.add(operation.name)
    return found


def fake_quantised(model: keras.Model, crops: F32) -> keras.Model:
    """A folded network with fake quantisation, its ranges set by what some crops give.

    Args:
        model: a folded network of plain convolutions.
        crops: (n, side, side, c) float32, a few hundred training crops.

    Raises:
        ValueError: the network has depthwise convolutions, which this does not quantise.
    """
    if any(isinstance(layer, layers.DepthwiseConv2D) for layer in model.layers):
        raise ValueError("Depthwise convolutions cannot be trained in int8 here.")
    ranges = {
        name: FakeQuant(*ends, name=f"{name}_range")
        for name, ends in output_ranges(model, rounded_after(model), crops).items()
    }

    def clone(layer: Any) -> Any:
        if isinstance(layer, layers.Conv2D):
            return QuantConv2D.from_config(layer.get_config())
        return copied(layer)

    def call(layer: Any, *args: Any, **more: Any) -> Any:
        y = layer(*args, **more)
        if layer.name in ranges:
            return ranges[layer.name](y)
        if isinstance(layer, layers.AveragePooling2D):  # LiteRT gives it its input's grid
            return args[0]._keras_history.operation(y, training=False)
        return y

    result = keras.models.clone_model(model, clone_function=clone, call_function=call)
    return with_weights(result, model)


def output_ranges(
    model: keras.Model, names: set[str], crops: F32
) -> dict[str, tuple[float, float]]:
    """The least and greatest outputs of operations over crops, by the operation's name.

    A range covers all but the hundredth of the crops that reach farthest.
    """
    found = [operation for operation in model.operations if operation.name in names]
    ends = []
    for operation in found:
        axes = tuple(range(1, len(operation.output.shape)))
        ends += [ops.min(operation.output, axis=axes), ops.max(operation.output, axis=axes)]
    values = keras.Model(model.input, ends).predict(crops, batch_size=128, verbose=0)
    return {
        operation.name: (float(np.quantile(low, RARE)), float(np.quantile(high, 1 - RARE)))
        for operation, low, high in zip(found, values[::2], values[1::2], strict=True)
    }
