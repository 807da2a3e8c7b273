"""The network of the 68 points: the mesh's network with another head, trained on from its weights.

The labelled faces are few, and the mesh's network has learned from many what a face looks like.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.landmark.cnn68 import COLUMNS
from training.mesh.network import MeshSpec, trunk
from training.mesh.network import build as build_mesh
from training.teachers import start_from

Tensor = Any
RIDGE = 1e-2  # relative to the mean square of the latents


def build(spec: MeshSpec) -> keras.Model:
    """Build the network.

    Returns:
        A model from BGR pixels 0..255, (n, side, side, 3) float32, to (n, 136): x and y of each
        point in sides of the crop, from its centre.
    """
    pixels, latent = trunk(spec)
    return keras.Model(pixels, layers.Dense(COLUMNS, name="points68")(latent))


def start_from_mesh(
    model: keras.Model, spec: MeshSpec, mesh: Path, crops: NDArray[np.uint8], rows: F32
) -> None:
    """Take the weights of a mesh's network, and fit the head to labelled faces by ridge regression.

    Args:
        model: a network of `build`.
        spec: the architecture of both.
        mesh: run or model folder of the mesh.
        crops: (n, side, side, 3) labelled faces, a thousand or more.
        rows: (n, 340) true points, mapped points and weights; the head is fitted so that the mean
            of its points and the mapped ones is right.

    Raises:
        training.data.DataError: the folder has no network, or one of another shape.
    """
    whole = build_mesh(spec)
    start_from(whole, mesh, lambda: build_mesh(spec), crops)
    inner = [layer for layer in whole.layers if layer.name not in ("points", "presence", "heads")]
    weights = [layer.get_weights() for layer in _trained(inner)]
    for layer, values in zip(_trained(model.layers[:-1]), weights, strict=True):
        layer.set_weights(values)
    latents = keras.Model(model.input, model.get_layer("latent").output)
    x = latents.predict(crops.astype(np.float32), batch_size=64, verbose=0).astype(np.float64)
    y = 2 * rows[:, :COLUMNS].astype(np.float64) - rows[:, COLUMNS : 2 * COLUMNS]
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    x -= x_mean
    square = x.T @ x
    penalty = RIDGE * np.trace(square) / len(square) * np.eye(len(square))
    kernel = np.linalg.solve(square + penalty, x.T @ (y - y_mean))
    model.get_layer("points68").set_weights([kernel, y_mean - x_mean @ kernel])


def _trained(found: list[Any]) -> list[Any]:
    """The layers that have weights."""
    return [layer for layer in found if layer.weights]
