"""The mesh's network: plain 3x3 convolutions, then a linear basis of face shapes.

The last layer starts as the principal components of the teacher's meshes, as in active shape models
(https://doi.org/10.1006/cviu.1995.1004), and is trained on with the rest. Every head is a slice of
the one output, named in the card with its number of columns, so that a further head is a further
slice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers

from realtime.core.faces import F32
from realtime.landmark.facestream_mesh import POINTS, PRESENCE
from training.batch_norm import BatchNormalization

Tensor = Any
HEADS = {"points": POINTS, "presence": PRESENCE}  # columns of the output, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshSpec:
    """Architecture of the mesh's network.

    Attributes:
        side_px: side of the square input, a multiple of 16.
        stem: channels at stride 2.
        widths: channels at strides 4, 8 and 16.
        blocks: residual blocks at these strides.
        neck: channels into which the last map is reduced before it is flattened.
        latent: values from which all points follow.
    """

    side_px: int = 112
    stem: int = 16
    widths: Sequence[int] = (24, 48, 96)
    blocks: Sequence[int] = (0, 1, 1)
    neck: int = 32
    latent: int = 96


def build(spec: MeshSpec) -> keras.Model:
    """Build the network.

    Returns:
        A model from BGR pixels 0..255, (n, side, side, 3) float32, to (n, 1405): the points' x, y
        and z in sides of the crop, from its centre, and the logit of presence.
    """
    pixels, latent = trunk(spec)
    points = layers.Dense(HEADS["points"], name="points")(latent)
    presence = layers.Dense(HEADS["presence"], name="presence")(layers.ReLU()(latent))
    return keras.Model(pixels, layers.Concatenate(name="heads")([points, presence]))


def trunk(spec: MeshSpec) -> tuple[Tensor, Tensor]:
    """Everything before the heads: the input (n, side, side, 3) and the latents (n, latent)."""
    pixels = keras.Input((spec.side_px, spec.side_px, 3), name="pixels")
    x = layers.Rescaling(1 / 64, offset=-2.0)(pixels)
    x = _conv(x, spec.stem, stride=2)
    for width, count in zip(spec.widths, spec.blocks, strict=True):
        x = _conv(x, width, stride=2)
        for _ in range(count):
            x = _residual(x, width)
    x = layers.Flatten()(_conv(x, spec.neck, kernel=1))
    return pixels, layers.Dense(spec.latent, name="latent")(x)


def start_from_shapes(model: keras.Model, shapes: F32) -> float:
    """Set the last layer to the principal components of shapes.

    Args:
        model: a network of `build`.
        shapes: (n, 1404) the teacher's points as the network returns them, n over the latents.

    Returns:
        The share of the variance that the components explain.
    """
    kernel, bias = model.get_layer("points").get_weights()
    mean = shapes.mean(axis=0)
    _, singular, rows = np.linalg.svd(shapes - mean, full_matrices=False)
    used = min(len(kernel), len(rows))
    kernel = np.zeros_like(kernel)
    kernel[:used] = rows[:used] * (singular[:used, None] / np.sqrt(len(shapes)))
    model.get_layer("points").set_weights([kernel, mean.astype(bias.dtype)])
    variance = np.square(singular)
    return float(variance[:used].sum() / variance.sum())


def _conv(x: Tensor, width: int, *, kernel: int = 3, stride: int = 1, relu: bool = True) -> Tensor:
    x = layers.Conv2D(
        width, kernel, stride, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    x = BatchNormalization(momentum=0.97)(x)
    return layers.ReLU()(x) if relu else x


def _residual(x: Tensor, width: int) -> Tensor:
    y = _conv(_conv(x, width), width, relu=False)
    return layers.ReLU()(layers.Add()([x, y]))
