"""Classifier architectures in backend-independent Keras 3.

- `residual`: plain 3x3 convolutions, narrow at full resolution, then downsampled three times; Deep
  Residual Learning for Image Recognition, https://arxiv.org/abs/1512.03385.
- `plain`: the same without shortcuts and with max pooling, a thinner version of the FER+ authors'
  VGG13, https://arxiv.org/abs/1608.01041.
- `separable`: residual blocks of depthwise separable convolutions, as in mini-Xception,
  https://arxiv.org/abs/1710.07557.

On a CPU, plain convolutions use the vector units far better than separable ones: at the same
latency they have more parameters and train several times faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import keras
from keras import layers, ops

from training.batch_norm import BatchNormalization

Tensor = Any


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """A network's shape.

    Attributes:
        kind: architecture, see the module's docstring.
        side_px: side of the square input.
        channels: 1 for gray, 3 for BGR.
        classes: number of classes.
        widths: channels of the stem and of each stage; each stage halves the resolution.
        blocks: number of blocks (of two convolutions) in each stage.
        dropout: dropout rate before the last layer.
    """

    side_px: int
    channels: int
    classes: int
    widths: Sequence[int] = (16, 32, 64, 128)
    blocks: Sequence[int] = (2, 2, 2)
    dropout: float = 0.3
    kind: Literal["residual", "plain", "separable"] = "residual"


def build(spec: NetworkSpec) -> keras.Model:
    """Build a network that maps pixels 0..255 (n, side, side, channels) to probabilities (n, k)."""
    pixels = keras.Input((spec.side_px, spec.side_px, spec.channels), name="pixels")
    block = {"residual": _residual, "plain": _plain, "separable": _separable}[spec.kind]
    x = standardise(pixels)
    x = _conv(x, spec.widths[0])
    for width, count in zip(spec.widths[1:], spec.blocks, strict=True):
        for i in range(count):
            x = block(x, width, stride=2 if i == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(spec.dropout)(x)
    x = layers.Dense(spec.classes, dtype="float32")(x)
    return keras.Model(pixels, layers.Softmax(dtype="float32")(x))


def standardise(pixels: Tensor) -> Tensor:
    """Standardise each picture to zero mean and unit variance, to reduce the effect of lighting."""
    mean = ops.mean(pixels, axis=(1, 2, 3), keepdims=True)
    centred = pixels - mean
    deviation = ops.sqrt(ops.mean(ops.square(centred), axis=(1, 2, 3), keepdims=True) + 16.0)
    return centred / deviation


def _conv(x: Tensor, width: int, *, kernel: int = 3, stride: int = 1, relu: bool = True) -> Tensor:
    x = layers.Conv2D(
        width, kernel, stride, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    x = BatchNormalization(momentum=0.97)(x)
    return layers.ReLU()(x) if relu else x


def _residual(x: Tensor, width: int, *, stride: int) -> Tensor:
    y = _conv(x, width, stride=stride)
    y = _conv(y, width, relu=False)
    return layers.ReLU()(layers.Add()([_shortcut(x, width, stride), y]))


def _plain(x: Tensor, width: int, *, stride: int) -> Tensor:
    if stride > 1:
        x = layers.MaxPooling2D(stride)(x)
    return _conv(_conv(x, width), width)


def _separable(x: Tensor, width: int, *, stride: int) -> Tensor:
    y = _separable_conv(x, width, stride=stride)
    y = _separable_conv(y, width, relu=False)
    return layers.ReLU()(layers.Add()([_shortcut(x, width, stride), y]))


def _separable_conv(x: Tensor, width: int, *, stride: int = 1, relu: bool = True) -> Tensor:
    x = layers.DepthwiseConv2D(
        3, stride, padding="same", use_bias=False, depthwise_initializer="he_normal"
    )(x)
    x = BatchNormalization(momentum=0.97)(x)
    return _conv(x, width, kernel=1, relu=relu)


def _shortcut(x: Tensor, width: int, stride: int) -> Tensor:
    if stride > 1:
        x = layers.AveragePooling2D(stride, padding="same")(x)
    elif x.shape[-1] == width:
        return x
    return _conv(x, width, kernel=1, relu=False)
