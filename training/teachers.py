"""Distillation: what networks trained before think of the training faces.

Distilling the Knowledge in a Neural Network, https://arxiv.org/abs/1503.02531: their probabilities
say more of a face than its label does.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.data import DataError
from training.networks import NetworkSpec, build


def load_run(folder: Path) -> keras.Model:
    """The network of a run folder with its best weights, in float32.

    Raises:
        DataError: the folder holds no run.
    """
    config = folder / "config.json"
    if not config.is_file():
        raise DataError(f"{folder} holds no trained run: it has no {config.name}.")
    model = build(NetworkSpec(**json.loads(config.read_text())["network"]))
    load_weights(model, folder)
    return model


def load_weights(model: keras.Model, folder: Path) -> None:
    """Put a run's best weights into a network of its shape.

    Raises:
        DataError: the folder holds none.
    """
    weights = folder / "best.weights.h5"
    if not weights.is_file():
        raise DataError(f"{folder} holds no trained run: it has no {weights.name}.")
    model.load_weights(weights)


def soft_targets(folders: list[Path], crops: NDArray[np.uint8]) -> F32:
    """The mean probabilities (n, k) of these runs' networks, over each crop and its mirror image.

    Args:
        folders: run folders.
        crops: (n, side, side, c) uint8; resized for a network of another size.
    """
    total: F32 | None = None
    for folder in folders:
        model = load_run(folder)
        fitted = _resized(crops, model.input_shape[1]).astype(np.float32)
        for view in (fitted, fitted[:, :, ::-1]):
            prob: F32 = model.predict(view, batch_size=512, verbose=0)
            total = prob if total is None else total + prob
    if total is None:
        raise DataError("No teacher was named.")
    mean: F32 = (total / (2 * len(folders))).astype(np.float32)
    return mean


def _resized(crops: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    if crops.shape[1] == side:
        return crops
    shape = (len(crops), side, side, crops.shape[3])
    flat = [cv2.resize(c, (side, side), interpolation=cv2.INTER_AREA) for c in crops]
    resized: NDArray[np.uint8] = np.stack(flat).reshape(shape).astype(np.uint8)
    return resized
