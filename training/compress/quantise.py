"""Fake quantisation: a float network that rounds like its int8 file, for training with rounding.

Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference,
https://arxiv.org/abs/1712.05877. Weights are symmetric int8 with one scale per output channel,
activations asymmetric int8 with one scale per tensor. Gradients pass through rounding unchanged
(the straight-through estimator, https://arxiv.org/abs/1308.3432). Layers before the first
convolution and after the pooling stay float, since they take almost no time.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from realtime.core.faces import F32
from training.compress.graph import clone_layer, consumers, copy_weights

Tensor = Any
WEIGHT_STEPS = 127  # -127..127: symmetric, with 0 on the grid
STEPS = 255
TAIL = 0.01  # fraction of the crops that may exceed an initial range
MOMENTUM = 0.99  # of the moving average of activation ranges


def straight_through(x: Tensor, rounded: Tensor) -> Tensor:
    """`rounded`, with the gradient of `x`."""
    return x + ops.stop_gradient(rounded - x)


def quantise_weights(kernel: Tensor) -> Tensor:
    """Round a kernel to 255 symmetric steps per output channel (last axis)."""
    axes = tuple(range(len(kernel.shape) - 1))
    step = ops.maximum(ops.max(ops.abs(kernel), axis=axes, keepdims=True), 1e-8) / WEIGHT_STEPS
    return straight_through(kernel, ops.round(kernel / step) * step)


def nudged_range(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """Shift a range so that 0 is on its grid, as TensorFlow's fake_quant does.

    Returns:
        The low end and the step.
    """
    low, high = ops.minimum(low, 0.0), ops.maximum(high, 0.0)
    step = ops.maximum(high - low, 1e-8) / STEPS
    return -ops.round(-low / step) * step, step


def quantise_activations(x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Clip activations to a range and round them to its 256 steps."""
    start, step = nudged_range(low, high)
    clipped = ops.clip(x, start, start + STEPS * step)
    return straight_through(clipped, ops.round((clipped - start) / step) * step + start)


class FakeQuant(layers.Layer):  # type: ignore[misc]
    """Rounds activations to int8; in training, the range follows a moving average.

    Args:
        low: initial low end of the range.
        high: initial high end of the range.
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
        """Round `x`; in training, first move the range towards that of `x`."""
        if training:
            for end, value in ((self.low, ops.min(x)), (self.high, ops.max(x))):
                end.assign(MOMENTUM * end + (1 - MOMENTUM) * ops.stop_gradient(value))
        return quantise_activations(x, self.low, self.high)


class QuantConv2D(layers.Conv2D):  # type: ignore[misc]
    """A convolution with a kernel rounded to int8."""

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Convolve with the rounded kernel."""
        return super().convolution_op(inputs, quantise_weights(kernel))


def int8_outputs(model: keras.Model) -> set[str]:
    """Names of the operations of a folded network whose output is int8.

    These are the inputs of convolutions, additions and the last pooling. LiteRT fuses an activation
    that is the only consumer into the operation before it, so only its output is rounded.
    """
    names = set()
    consumers_of = consumers(model)
    for operation in model.operations:
        following = consumers_of[operation.name]
        if isinstance(operation, layers.ReLU):
            names.add(operation.name)
        elif isinstance(operation, layers.Conv2D | layers.Add):
            if not all(isinstance(n, layers.ReLU) for n in following):
                names.add(operation.name)
        elif not isinstance(operation, layers.Layer) and any(
            isinstance(n, layers.Conv2D) for n in following
        ):
            names.add(operation.name)
    return names


def fake_quantise(model: keras.Model, crops: F32) -> keras.Model:
    """Add fake quantisation to a folded network, with ranges calibrated on crops.

    Args:
        model: a network from `fold.fold_batch_norm`, with plain convolutions.
        crops: (n, side, side, c) float32, a few hundred training crops.

    Raises:
        ValueError: the network has depthwise convolutions, which are not supported.
    """
    if any(isinstance(layer, layers.DepthwiseConv2D) for layer in model.layers):
        raise ValueError("Depthwise convolutions are not supported in quantisation-aware training.")
    ranges = {
        name: FakeQuant(low, high, name=f"{name}_range")
        for name, (low, high) in output_ranges(model, int8_outputs(model), crops).items()
    }

    def clone(layer: Any) -> Any:
        if isinstance(layer, layers.Conv2D):
            return QuantConv2D.from_config(layer.get_config())
        return clone_layer(layer)

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        y = layer(*args, **kwargs)
        if layer.name in ranges:
            return ranges[layer.name](y)
        if isinstance(layer, layers.AveragePooling2D):  # LiteRT keeps its input's scale
            return args[0]._keras_history.operation(y, training=False)
        return y

    result = keras.models.clone_model(model, clone_function=clone, call_function=call)
    return copy_weights(result, model)


def output_ranges(
    model: keras.Model, names: set[str], crops: F32
) -> dict[str, tuple[float, float]]:
    """Output range (low, high) of operations over crops, by operation name.

    Each end is a quantile over crops that leaves out the most extreme 1 % (`TAIL`).
    """
    operations = [operation for operation in model.operations if operation.name in names]
    ends = []
    for operation in operations:
        axes = tuple(range(1, len(operation.output.shape)))
        ends += [ops.min(operation.output, axis=axes), ops.max(operation.output, axis=axes)]
    values = keras.Model(model.input, ends).predict(crops, batch_size=128, verbose=0)
    return {
        operation.name: (float(np.quantile(low, TAIL)), float(np.quantile(high, 1 - TAIL)))
        for operation, low, high in zip(operations, values[::2], values[1::2], strict=True)
    }
