"""Who feeds whom in a functional Keras network."""

from __future__ import annotations

from typing import Any

import keras


def producers(operation: Any) -> list[Any]:
    """The operations whose outputs go into this one, in the order of its inputs."""
    given = operation.input
    tensors = given if isinstance(given, list | tuple) else [given]
    return [tensor._keras_history.operation for tensor in tensors]


def consumers(model: keras.Model) -> dict[str, list[Any]]:
    """By each operation's name, the operations that take its output."""
    found: dict[str, list[Any]] = {operation.name: [] for operation in model.operations}
    for operation in model.operations:
        if not isinstance(operation, keras.layers.InputLayer):
            for producer in producers(operation):
                found[producer.name].append(operation)
    return found


def copied(operation: Any, **changes: Any) -> Any:
    """A fresh operation of the same name and settings, save for `changes`, without the weights."""
    return type(operation).from_config(operation.get_config() | changes)


def with_weights(model: keras.Model, source: keras.Model) -> keras.Model:
    """`model`, into whose layers the weights of the layers of the same name in `source` are put."""
    for layer in source.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights(layer.get_weights())
    return model
