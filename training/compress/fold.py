"""Batch normalisation folded into the convolutions before it, as inference runs it.

Section 3.2 of https://arxiv.org/abs/1712.05877: fake quantisation must see the folded weights, as
these are what the int8 file holds.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from training.compress.graph import copied, producers

CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D)


def folded(model: keras.Model) -> keras.Model:
    """The same network without batch normalisation: the same answers, to rounding.

    Args:
        model: a functional network in which each batch normalisation follows a convolution
            without activation.

    Returns:
        A new network; its convolutions have the names they had, and a bias.

    Raises:
        ValueError: a batch normalisation follows something else.
    """
    norms: dict[str, Any] = {}
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            (before,) = producers(layer)
            if not isinstance(before, CONVOLUTIONS):
                raise ValueError(f"{layer.name} follows {before.name}, which is no convolution.")
            norms[before.name] = layer

    def clone(layer: Any) -> Any:
        return copied(layer, use_bias=True) if layer.name in norms else copied(layer)

    def call(layer: Any, x: Any, *rest: Any, **more: Any) -> Any:
        return x if isinstance(layer, layers.BatchNormalization) else layer(x, *rest, **more)

    result = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for layer in result.layers:
        given = model.get_layer(layer.name)
        if layer.name in norms:
            layer.set_weights(_merged(given, norms[layer.name]))
        elif layer.weights:
            layer.set_weights(given.get_weights())
    return result


def _merged(convolution: Any, norm: Any) -> list[Any]:
    """Kernel and bias of a convolution that includes its batch normalisation."""
    kernel = np.array(convolution.kernel)
    bias = np.array(convolution.bias) if convolution.use_bias else 0.0
    mean, variance = np.array(norm.moving_mean), np.array(norm.moving_variance)
    gain = (np.array(norm.gamma) if norm.scale else 1.0) / np.sqrt(variance + norm.epsilon)
    beta = np.array(norm.beta) if norm.center else 0.0
    spread = gain
    if isinstance(convolution, layers.DepthwiseConv2D):
        spread = gain.reshape(kernel.shape[2:])  # the channels are the kernel's last two axes
    return [kernel * spread, beta + (bias - mean) * gain]
