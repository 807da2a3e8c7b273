"""The detector's network: single-shot, anchor-free, three strides.

A residual backbone of plain 3x3 convolutions halves the picture five times; a feature pyramid
(https://arxiv.org/abs/1612.03144) passes coarse features to the finer strides; and one head per
stride predicts for every cell whether it contains the centre of a face, the face's box and its
five landmarks, as in FCOS (https://arxiv.org/abs/1904.01355) and YuNet
(https://doi.org/10.1007/s11633-023-1423-y).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from training.batch_norm import BatchNormalization

Tensor = Any
OUTPUTS = 15  # score logit; centre x, y; log width, height; five points x, y: all in strides
PRIOR_LOGIT = -4.6  # of the fraction of cells with a face, about 1 %


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorSpec:
    """Architecture of a detector.

    Attributes:
        widths: channels at strides 2, 4, 8, 16 and 32.
        blocks: residual blocks at strides 4, 8, 16 and 32.
        neck: channels of the feature pyramid and the heads.
    """

    widths: Sequence[int] = (16, 24, 48, 64, 64)
    blocks: Sequence[int] = (0, 2, 2, 2)
    neck: int = 32


def build(spec: DetectorSpec, height: int | None = None, width: int | None = None) -> keras.Model:
    """Build the network.

    Args:
        spec: the architecture.
        height: input height, a multiple of 32; None for any.
        width: input width, a multiple of 32; None for any.

    Returns:
        A model from BGR pixels 0..255, (n, h, w, 3) float32, to one map (n, h / s, w / s, 15) for
        each stride s.
    """
    pixels = keras.Input((height, width, 3), name="pixels")
    x = layers.Rescaling(1 / 64, offset=-2.0)(pixels)
    x = _conv(x, spec.widths[0], stride=2)
    levels = []
    for width_, count in zip(spec.widths[1:], spec.blocks, strict=True):
        x = _conv(x, width_, stride=2)
        for _ in range(count):
            x = _residual(x, width_)
        levels.append(x)
    coarse: Tensor = None
    maps = []
    for level in levels[:0:-1]:  # from the coarsest to stride 8
        fine = _conv(level, spec.neck, kernel=1)
        if coarse is not None:
            fine = layers.Add()([fine, layers.UpSampling2D(2, interpolation="nearest")(coarse)])
        coarse = _conv(fine, spec.neck)
        maps.append(_head(coarse, spec.neck))
    return keras.Model(pixels, maps[::-1])


def _head(x: Tensor, width: int) -> Tensor:
    x = _conv(x, width)
    prior = keras.initializers.Constant([PRIOR_LOGIT] + [0.0] * (OUTPUTS - 1))
    return layers.Conv2D(OUTPUTS, 1, bias_initializer=prior, dtype="float32")(x)


def _conv(x: Tensor, width: int, *, kernel: int = 3, stride: int = 1, relu: bool = True) -> Tensor:
    x = layers.Conv2D(
        width, kernel, stride, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    x = BatchNormalization(momentum=0.97)(x)
    return layers.ReLU()(x) if relu else x


def _residual(x: Tensor, width: int) -> Tensor:
    y = _conv(_conv(x, width), width, relu=False)
    return layers.ReLU()(layers.Add()([x, y]))
