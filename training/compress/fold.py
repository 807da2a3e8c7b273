"""Folding batch normalisation into the preceding convolutions, as for inference.

Section 3.2 of https://arxiv.org/abs/1712.05877: fake quantisation must apply to the folded weights,
because those are the weights in the int8 file.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from training.compress.graph import clone_layer, producers

CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D)


def fold_batch_norm(model: keras.Model) -> keras.Model:
    """Remove batch normalisation; outputs change only by rounding.

    Args:
        model: a functional network in which each batch normalisation follows a convolution
            without activation.

    Returns:
        A new network, whose convolutions keep their names and have a bias.

    Raises:
        ValueError: a batch normalisation does not follow a convolution.
    """
    norms: dict[str, Any] = {}
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            (before,) = producers(layer)
            if not isinstance(before, CONVOLUTIONS):
                raise ValueError(f"{layer.name} follows {before.name}, which is not a convolution.")
            norms[before.name] = layer

    def clone(layer: Any) -> Any:
        return clone_layer(layer, use_bias=True) if layer.name in norms else clone_layer(layer)

    def call(layer: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        return x if isinstance(layer, layers.BatchNormalization) else layer(x, *args, **kwargs)

    result = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for layer in result.layers:
        original = model.get_layer(layer.name)
        if layer.name in norms:
            layer.set_weights(_folded_weights(original, norms[layer.name]))
        elif layer.weights:
            layer.set_weights(original.get_weights())
    return result


def _folded_weights(convolution: Any, norm: Any) -> list[Any]:
    """Kernel and bias of a convolution with its batch normalisation folded in."""
    kernel = np.array(convolution.kernel)
    bias = np.array(convolution.bias) if convolution.use_bias else 0.0
    mean, variance = np.array(norm.moving_mean), np.array(norm.moving_variance)
    gain = (np.array(norm.gamma) if norm.scale else 1.0) / np.sqrt(variance + norm.epsilon)
    beta = np.array(norm.beta) if norm.center else 0.0
    kernel_gain = gain
    if isinstance(convolution, layers.DepthwiseConv2D):
        kernel_gain = gain.reshape(kernel.shape[2:])  # channels are the kernel's last two axes
    return [kernel * kernel_gain, beta + (bias - mean) * gain]
