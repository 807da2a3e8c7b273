"""Traversing and copying functional Keras networks."""

from __future__ import annotations

from typing import Any

import keras


def producers(operation: Any) -> list[Any]:
    """The operations that produce the inputs of an operation, in order."""
    inputs = operation.input
    tensors = inputs if isinstance(inputs, list | tuple) else [inputs]
    return [tensor._keras_history.operation for tensor in tensors]


def consumers(model: keras.Model) -> dict[str, list[Any]]:
    """The operations that consume each operation's output, by operation name."""
    result: dict[str, list[Any]] = {operation.name: [] for operation in model.operations}
    for operation in model.operations:
        if not isinstance(operation, keras.layers.InputLayer):
            for producer in producers(operation):
                result[producer.name].append(operation)
    return result


def clone_layer(operation: Any, **changes: Any) -> Any:
    """A new operation with the same name and settings apart from `changes`, without weights."""
    return type(operation).from_config(operation.get_config() | changes)


def copy_weights(model: keras.Model, source: keras.Model) -> keras.Model:
    """Copy the weights of `source` into the layers of the same name in `model`; returns `model`."""
    for layer in source.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights(layer.get_weights())
    return model
