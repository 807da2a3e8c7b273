"""Structured pruning: removes whole channels, which leaves a narrower network.

Channels joined by a shortcut connection are removed together. Importance is the scale of batch
normalisation, as in Network Slimming, https://arxiv.org/abs/1708.06519; without batch
normalisation, the L1 norm of the filters, as in https://arxiv.org/abs/1608.08710.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from training.compress.graph import producers
from training.networks import NetworkSpec, build

Channels = NDArray[np.int64]
MULTIPLE = 4  # widths that suit SIMD units


def narrow_spec(spec: NetworkSpec, share: float) -> NetworkSpec:
    """The architecture with about `share` of the channels, in multiples of `MULTIPLE`."""
    widths = tuple(max(MULTIPLE, round(w * share / MULTIPLE) * MULTIPLE) for w in spec.widths)
    return replace(spec, widths=widths)


def prune_channels(model: keras.Model, spec: NetworkSpec) -> keras.Model:
    """Build a narrower network from the most important channels of a given one.

    Args:
        model: a network from `networks.build`.
        spec: the architecture of `model` with smaller widths.
    """
    result = build(spec)
    groups = channel_groups(model)
    pairs = list(zip(model.layers, result.layers, strict=True))
    widths = {
        groups[layer.name]: new.filters for layer, new in pairs if isinstance(layer, layers.Conv2D)
    }
    kept = {name: _top_channels(model, groups, name, width) for name, width in widths.items()}
    for layer, new in pairs:
        if layer.weights:
            (before,) = producers(layer)
            inputs, outputs = kept.get(groups[before.name]), kept.get(groups[layer.name])
            new.set_weights([_select(w, layer, inputs, outputs) for w in layer.get_weights()])
    return result


def channel_groups(model: keras.Model) -> dict[str, str]:
    """The channel group of each operation's output, by operation name.

    Operations of a group have the same channels in the same order: those of one convolution or,
    with shortcuts, of all convolutions that are added. A group is named after one of them.
    """
    group: dict[str, str] = {}

    def merge(names: list[str]) -> str:
        first, *others = names
        for other in others:
            group.update({k: first for k, g in group.items() if g == other})
        return first

    for operation in model.operations:
        if isinstance(operation, layers.InputLayer | layers.Conv2D | layers.Dense):
            group[operation.name] = operation.name
        else:
            group[operation.name] = merge([group[p.name] for p in producers(operation)])
    return group


def _top_channels(model: keras.Model, groups: dict[str, str], name: str, width: int) -> Channels:
    """Indices of a group's most important channels, ascending."""
    total: Any = 0.0
    for layer in model.layers:
        if groups[layer.name] == name and (importance := _importance(layer)) is not None:
            total = total + importance / max(importance.mean(), 1e-12)
    return np.sort(np.argsort(-total, kind="stable")[:width])


def _importance(layer: Any) -> Any:
    """Importance of a layer's output channels; None for layers that do not define one."""
    if isinstance(layer, layers.BatchNormalization) and layer.scale:
        return np.abs(np.array(layer.gamma))
    if isinstance(layer, layers.Conv2D) and layer.use_bias:  # without batch normalisation
        return np.abs(np.array(layer.kernel)).sum(axis=(0, 1, 2))
    return None


def _select(weight: Any, layer: Any, inputs: Channels | None, outputs: Channels | None) -> Any:
    """A layer's weight reduced to the given input and output channels; None keeps all."""
    if isinstance(layer, layers.DepthwiseConv2D):
        return weight if outputs is None or weight.ndim < 4 else weight[:, :, outputs]
    if weight.ndim > 1 and inputs is not None:
        weight = np.take(weight, inputs, axis=-2)
    return weight if outputs is None else np.take(weight, outputs, axis=-1)
