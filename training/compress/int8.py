"""LiteRT files in int8: from a float network after training, or from a fake-quantised one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.compress.graph import copied, with_weights
from training.compress.quantise import FakeQuant, QuantConv2D, nudged
from training.export import to_litert


def export_fake_quantised(model: keras.Model, path: Path) -> None:
    """Write a fake-quantised network, from `quantise.fake_quantised`, as an int8 LiteRT file."""
    import tensorflow as tf

    class TensorFlowRange(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, low: float, high: float, **more: Any) -> None:
            super().__init__(**more)
            self.low, self.high = low, high

        def call(self, x: Any) -> Any:
            return tf.quantization.fake_quant_with_min_max_args(x, self.low, self.high)

    class TensorFlowConv(keras.layers.Conv2D):  # type: ignore[misc]
        def convolution_op(self, inputs: Any, kernel: Any) -> Any:
            kernel = tf.convert_to_tensor(kernel)
            most = tf.maximum(tf.reduce_max(tf.abs(kernel), axis=(0, 1, 2)), 1e-8)
            rounded = tf.quantization.fake_quant_with_min_max_vars_per_channel(
                kernel, -most, most, num_bits=8, narrow_range=True
            )
            return super().convolution_op(inputs, rounded)

    def clone(layer: Any) -> Any:
        if isinstance(layer, FakeQuant):
            return TensorFlowRange(float(layer.low), float(layer.high), name=layer.name)
        if isinstance(layer, QuantConv2D):
            return TensorFlowConv.from_config(layer.get_config())
        return copied(layer)

    copy = keras.models.clone_model(model, clone_function=clone)
    for layer in copy.layers:
        if layer.weights:
            layer.set_weights(model.get_layer(layer.name).get_weights())
    to_litert(copy, path)
