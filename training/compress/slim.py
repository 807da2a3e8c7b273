"""Structured pruning: whole channels are dropped, and a narrower network is left.

Channels that are added up by a shortcut are kept or dropped together. Which are dropped say the
gains of batch normalisation, as in Network Slimming, https://arxiv.org/abs/1708.06519; where there
is none, the sums of the filters' absolute weights, as in https://arxiv.org/abs/1608.08710.
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

Kept = NDArray[np.int64]
MULTIPLE = 4  # widths that vector units like


def slim_spec(spec: NetworkSpec, share: float) -> NetworkSpec:
    """The shape with about a share of the channels, in multiples of four."""
    widths = tuple(max(MULTIPLE, round(w * share / MULTIPLE) * MULTIPLE) for w in spec.widths)
    return replace(spec, widths=widths)


def slimmed(model: keras.Model, spec: NetworkSpec) -> keras.Model:
    """A network of a narrower shape with the most important channels of a given one.

    Args:
        model: a network from `networks.build`.
        spec: the same shape, but for the widths.
    """
    result = build(spec)
    groups = channel_groups(model)
    pairs = list(zip(model.layers, result.layers, strict=True))
    widths = {
        groups[layer.name]: new.filters for layer, new in pairs if isinstance(layer, layers.Conv2D)
    }
    kept = {name: _best(model, groups, name, width) for name, width in widths.items()}
    for layer, new in pairs:
        if layer.weights:
            (before,) = producers(layer)
            taken, given = kept.get(groups[before.name]), kept.get(groups[layer.name])
            new.set_weights([_cut(w, layer, taken, given) for w in layer.get_weights()])
    return result


def channel_groups(model: keras.Model) -> dict[str, str]:
    """By each operation's name, the group that its output's channels belong to.

    Operations of one group have the same channels in the same order: those of one convolution or,
    with shortcuts, of all that are added up. A group is named after one of its convolutions.
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


def _best(model: keras.Model, groups: dict[str, str], name: str, width: int) -> Kept:
    """The positions of a group's most important channels, ascending."""
    total: Any = 0.0
    for layer in model.layers:
        if groups[layer.name] == name and (worth := _worth(layer)) is not None:
            total = total + worth / max(worth.mean(), 1e-12)
    return np.sort(np.argsort(-total, kind="stable")[:width])


def _worth(layer: Any) -> Any:
    """The importance of the channels that a layer gives; None where it says nothing of them."""
    if isinstance(layer, layers.BatchNormalization) and layer.scale:
        return np.abs(np.array(layer.gamma))
    if isinstance(layer, layers.Conv2D) and layer.use_bias:  # no batch normalisation follows
        return np.abs(np.array(layer.kernel)).sum(axis=(0, 1, 2))
    return None


def _cut(weight: Any, layer: Any, taken: Kept | None, given: Kept | None) -> Any:
    """A weight of a layer without the channels dropped from what it takes and gives."""
    if isinstance(layer, layers.DepthwiseConv2D):
        return weight if given is None or weight.ndim < 4 else weight[:, :, given]
    if weight.ndim > 1 and taken is not None:
        weight = np.take(weight, taken, axis=-2)
    return weight if given is None else np.take(weight, given, axis=-1)
