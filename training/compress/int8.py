"""Exporting a fake-quantised network as an int8 LiteRT file; requires TensorFlow."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.compress.graph import clone_layer
from training.compress.quantise import FakeQuant, QuantConv2D
from training.export import to_litert


def export_fake_quantised(model: keras.Model, path: Path) -> None:
    """Write a fake-quantised network as an int8 LiteRT file.

    Rounding in Keras is replaced by TensorFlow's fake-quantisation operations, from which the
    converter reads the scales.

    Args:
        model: a network from `quantise.fake_quantise`.
        path: the file to write.
    """
    import tensorflow as tf

    class TensorFlowRange(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, low: float, high: float, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.low, self.high = low, high

        def call(self, x: Any) -> Any:
            return tf.quantization.fake_quant_with_min_max_args(x, self.low, self.high)

    class TensorFlowConv(keras.layers.Conv2D):  # type: ignore[misc]
        def convolution_op(self, inputs: Any, kernel: Any) -> Any:
            kernel = tf.convert_to_tensor(kernel)
            limit = tf.maximum(tf.reduce_max(tf.abs(kernel), axis=(0, 1, 2)), 1e-8)
            rounded = tf.quantization.fake_quant_with_min_max_vars_per_channel(
                kernel, -limit, limit, num_bits=8, narrow_range=True
            )
            return super().convolution_op(inputs, rounded)

    ranges: dict[str, Any] = {}  # a range can be shared by two places in the graph

    def clone(layer: Any) -> Any:
        if isinstance(layer, FakeQuant):
            return ranges.setdefault(
                layer.name,
                TensorFlowRange(float(layer.low), float(layer.high), name=layer.name),
            )
        if isinstance(layer, QuantConv2D):
            return TensorFlowConv.from_config(layer.get_config())
        return clone_layer(layer)

    copy = keras.models.clone_model(model, clone_function=clone)
    for layer in copy.layers:
        if layer.weights:
            layer.set_weights(model.get_layer(layer.name).get_weights())
    to_litert(copy, path, int8=True)


def tensor_types(path: Path) -> dict[str, int]:
    """Number of tensors by type in a LiteRT file, such as {"int8": 42, "float32": 15}."""
    from ai_edge_litert.interpreter import Interpreter

    details = Interpreter(str(path)).get_tensor_details()
    return dict(Counter(np.dtype(tensor["dtype"]).name for tensor in details))
