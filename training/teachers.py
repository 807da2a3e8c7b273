"""Knowledge distillation: soft targets from networks trained before.

Distilling the Knowledge in a Neural Network, https://arxiv.org/abs/1503.02531.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from models import CARD, NETWORK
from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.data import DataError
from training.evaluate import predict
from training.networks import NetworkSpec, build
from training.restore import restore

Crops = NDArray[np.uint8]


def load_run(folder: Path) -> keras.Model:
    """The network of a run folder with its best weights, in float32.

    Raises:
        DataError: the folder contains no run.
    """
    config = folder / "config.json"
    if not config.is_file():
        raise DataError(f"{folder} is not a finished run: {config.name} is missing.")
    model = build(NetworkSpec(**json.loads(config.read_text())["network"]))
    load_weights(model, folder)
    return model


def load_weights(model: keras.Model, folder: Path) -> None:
    """Load a run's best weights into a network of the same shape.

    Raises:
        DataError: the folder contains no weights.
    """
    weights = folder / "best.weights.h5"
    if not weights.is_file():
        raise DataError(f"{folder} is not a finished run: {weights.name} is missing.")
    model.load_weights(weights)


def start_from(
    model: keras.Model, folder: Path, exact: Callable[[], keras.Model], crops: Crops
) -> None:
    """Load initial weights from a run folder, or from the folder of an exported model.

    Args:
        model: the network to fill.
        folder: the folder.
        exact: builds the same network in float32; `model` may compute with fewer bits.
        crops: crops at the input size, see `restore`.

    Raises:
        DataError: the folder contains neither, or a network of another shape.
    """
    if not is_model(folder):
        load_weights(model, folder)
        return
    twin = exact()
    restore(twin, folder / NETWORK, crops)
    model.set_weights(twin.get_weights())


def is_model(folder: Path) -> bool:
    """Whether a folder contains an exported model with its card."""
    return (folder / CARD).is_file() and (folder / NETWORK).is_file()


def soft_targets(folders: list[Path], crops: NDArray[np.uint8]) -> F32:
    """Mean probabilities (n, k) of several networks over each crop and its mirror image.

    Args:
        folders: run folders, or folders of exported models.
        crops: (n, side, side, c) uint8; resized to each network's input size.

    Raises:
        DataError: a folder contains no run, or there is no folder.
    """
    total: F32 | None = None
    for folder in folders:
        side, answer = _teacher(folder)
        fitted = _resized(crops, side)
        for view in (fitted, fitted[:, :, ::-1]):
            prob = answer(view)
            total = prob if total is None else total + prob
    if total is None:
        raise DataError("Give at least one teacher run.")
    mean: F32 = (total / (2 * len(folders))).astype(np.float32)
    return mean


def _teacher(folder: Path) -> tuple[int, Callable[[Crops], F32]]:
    """Input side in pixels, and the function from crops to probabilities."""
    if is_model(folder):
        network = LiteRTModel(folder / NETWORK)
        return network.input_shape[0], lambda crops: predict(network, crops)
    model = load_run(folder)
    return model.input_shape[1], lambda crops: np.asarray(
        model.predict(crops.astype(np.float32), batch_size=512, verbose=0), np.float32
    )


def _resized(crops: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    if crops.shape[1] == side:
        return crops
    shape = (len(crops), side, side, crops.shape[3])
    flat = [cv2.resize(c, (side, side), interpolation=cv2.INTER_AREA) for c in crops]
    resized: NDArray[np.uint8] = np.stack(flat).reshape(shape).astype(np.uint8)
    return resized
