"""Weights of an exported network, back in a Keras network: a start for further training.

A LiteRT file holds each convolution with its batch normalisation folded in and rounded to int8. The
kernels are read as they are, so the restored network answers as the exported one does; its batch
normalisation gets the mean and variance of its own inputs, so that training begins where inference
stands.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.compress.graph import producers
from training.data import DataError

BATCH = 64
Weights = tuple[F32, F32]  # kernel as Keras stores it, and bias


def restore(model: keras.Model, path: Path, crops: NDArray[np.uint8]) -> None:
    """Load the weights of an exported network into a network of the same shape.

    Args:
        model: a float32 network whose batch normalisations each follow a convolution.
        path: the exported network.
        crops: (n, h, w, c) uint8, training pictures for the statistics of the batch
            normalisations: a few thousand crops, or a hundred views of scenes.

    Raises:
        DataError: the file does not fit the network.
    """
    stored = _by_shape(read_weights(path))
    norms = {producers(x)[0].name: x for x in model.layers if isinstance(x, _NORM)}
    kinds = (layers.Conv2D, layers.Dense)
    for layer in sorted((x for x in model.layers if isinstance(x, kinds)), key=_number):
        shape = tuple(layer.kernel.shape)
        if not stored[shape]:
            raise DataError(f"{path} does not contain a network of this shape.")
        kernel, bias = stored[shape].popleft()
        if layer.use_bias:
            layer.set_weights([kernel, bias])
            continue
        norm = norms[layer.name]
        layer.set_weights([kernel])
        one, zero = np.ones_like(bias), np.zeros_like(bias)
        norm.set_weights([np.sqrt(one + norm.epsilon), bias, zero, one])
    if left := sum(map(len, stored.values())):
        raise DataError(
            f"{path} contains another network: {left} of its layers have no place in this one."
        )
    _take_statistics(model, norms, crops)


def read_weights(path: Path) -> list[Weights]:
    """Kernels and biases of the convolutions and dense layers of a LiteRT file, in its order."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    details = {tensor["index"]: tensor for tensor in interpreter.get_tensor_details()}
    operations = interpreter._get_ops_details()
    # Weights stored as float16 are read through an operation that widens them.
    stored = {
        int(o["outputs"][0]): int(o["inputs"][0])
        for o in operations
        if o["op_name"] == "DEQUANTIZE"
    }
    found = []
    seen = set()
    for operation in operations:
        if operation["op_name"] not in ("CONV_2D", "FULLY_CONNECTED"):
            continue
        _, kernel_at, bias_at = (stored.get(int(i), int(i)) for i in operation["inputs"])
        if kernel_at in seen:  # a layer used with and without activation is stored as two
            continue
        seen.add(kernel_at)
        # LiteRT keeps the output channels first, Keras last.
        kernel = np.moveaxis(_values(interpreter, details[kernel_at]), 0, -1)
        none = np.zeros(kernel.shape[-1], np.float32)  # the converter leaves out a bias of 0
        found.append((kernel, none if bias_at < 0 else _values(interpreter, details[bias_at])))
    return found


def _values(interpreter: Any, tensor: Mapping[str, Any]) -> F32:
    """A constant tensor in float32."""
    values: F32 = interpreter.get_tensor(tensor["index"]).astype(np.float32)
    scale = tensor["quantization_parameters"]["scales"]
    if len(scale):
        axis = tensor["quantization_parameters"]["quantized_dimension"]
        shape = [-1 if i == axis else 1 for i in range(values.ndim)]
        values = values * scale.reshape(shape)
    return values


def _number(layer: Any) -> tuple[bool, int]:
    """Sorts layers of a kind in the order in which they were made: `conv2d`, `conv2d_1`, ...

    Keras lists them by their distance from the outputs.
    """
    number = re.search(r"_(\d+)$", layer.name)
    return isinstance(layer, layers.Dense), int(number[1]) if number else 0


def _by_shape(weights: list[Weights]) -> dict[tuple[int, ...], deque[Weights]]:
    """Weights by the kernel's shape.

    The converter may change the order of independent layers, but in our networks those of one
    shape depend on each other.
    """
    found: dict[tuple[int, ...], deque[Weights]] = defaultdict(deque)
    for kernel, bias in weights:
        found[kernel.shape].append((kernel, bias))
    return found


_NORM = layers.BatchNormalization


def _take_statistics(
    model: keras.Model, norms: Mapping[str, Any], crops: NDArray[np.uint8]
) -> None:
    """Set mean and variance of each batch normalisation to those of its inputs; same outputs.

    They are the medians over batches: on a picture unlike all others, activations can be hundreds
    of times as large, and the variance over all pictures would be that of no batch.
    """
    names = list(norms)
    probe = keras.Model(model.input, [model.get_layer(name).output for name in names])
    seen: dict[str, list[tuple[F32, F32]]] = {name: [] for name in names}
    for start in range(0, len(crops), BATCH):
        outputs = probe.predict_on_batch(crops[start : start + BATCH].astype(np.float32))
        for name, value in zip(names, outputs, strict=True):
            flat = np.asarray(value, np.float32).reshape(-1, value.shape[-1])
            seen[name].append((flat.mean(axis=0), flat.var(axis=0)))
    for name, rows in seen.items():
        norm = norms[name]
        _, bias, _, _ = norm.get_weights()
        mean, variance = np.median(np.array(rows), axis=0)
        norm.set_weights([np.sqrt(variance + norm.epsilon), bias + mean, mean, variance])
