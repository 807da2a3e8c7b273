"""The networks, in Keras 3 without backend-only calls.

A small residual network of plain 3x3 convolutions: Deep Residual Learning for Image Recognition,
https://arxiv.org/abs/1512.03385, first narrow at full resolution, then halved three times. On a
CPU plain convolutions use the vector units far better than separable ones: at the same time a
face, it has more to learn with and trains several times faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers, ops

Tensor = Any


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """A residual network's shape.

    Attributes:
        side_px: side of the square input.
        channels: 1 for gray, 3 for BGR.
        classes: how many labels.
        widths: channels of the stem and of each stage; each stage halves the resolution.
        blocks: residual blocks of each stage.
        dropout: share of features dropped before the last layer.
    """

    side_px: int
    channels: int
    classes: int
    widths: Sequence[int] = (16, 32, 64, 128)
    blocks: Sequence[int] = (2, 2, 2)
    dropout: float = 0.3


def residual_network(spec: NetworkSpec) -> keras.Model:
    """Pixels 0..255, (n, side, side, channels) float32, to probabilities (n, classes)."""
    pixels = keras.Input((spec.side_px, spec.side_px, spec.channels), name="pixels")
    x = standardise(pixels)
    x = _conv(x, spec.widths[0])
    for width, count in zip(spec.widths[1:], spec.blocks, strict=True):
        for i in range(count):
            x = _block(x, width, stride=2 if i == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(spec.dropout)(x)
    x = layers.Dense(spec.classes, dtype="float32")(x)
    return keras.Model(pixels, layers.Softmax(dtype="float32")(x))


def standardise(pixels: Tensor) -> Tensor:
    """Take off each picture's mean and divide by its spread, so that light matters less."""
    mean = ops.mean(pixels, axis=(1, 2, 3), keepdims=True)
    centred = pixels - mean
    spread = ops.sqrt(ops.mean(ops.square(centred), axis=(1, 2, 3), keepdims=True) + 16.0)
    return centred / spread


def _conv(x: Tensor, width: int, *, kernel: int = 3, stride: int = 1, relu: bool = True) -> Tensor:
    x = layers.Conv2D(
        width, kernel, stride, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    x = layers.BatchNormalization(momentum=0.97)(x)
    return layers.ReLU()(x) if relu else x


def _block(x: Tensor, width: int, *, stride: int) -> Tensor:
    y = _conv(x, width, stride=stride)
    y = _conv(y, width, relu=False)
    if stride > 1 or x.shape[-1] != width:
        if stride > 1:
            x = layers.AveragePooling2D(stride, padding="same")(x)
        x = _conv(x, width, kernel=1, relu=False)
    return layers.ReLU()(layers.Add()([x, y]))
