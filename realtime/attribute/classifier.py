"""A trained classifier of aligned face crops, for any attribute in `models/`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

import models
from realtime.attribute.quality import sharpness
from realtime.core.arrays import F32, Frame
from realtime.inference.litert import LiteRTModel
from realtime.landmark.align import crop_matrices, cut_crops


class Scores(NamedTuple):
    """The output of a classifier for n faces.

    Attributes:
        prob: (n, len(labels)) float32 probabilities.
        sharpness: (n,) float32 of the crops, see `realtime.attribute.quality.sharpness`.
    """

    prob: F32
    sharpness: F32


class FaceClassifier:
    """Cuts out each face as the model's card says and classifies all of them in one batch.

    Args:
        name: the model's folder below `models/`.
        labels: the labels that the network must have.
        threads: number of threads the network may use.

    Attributes:
        labels: what the probabilities stand for, in order.
        unsure: the thresholds below which its answers are unsure.

    Raises:
        models.ModelError: the model is missing or damaged, or has other labels; the message says
            what is wrong.
    """

    def __init__(self, name: str, *, labels: Sequence[str], threads: int = 1) -> None:
        self._model = models.load(name)
        if self._model.labels != tuple(labels):
            raise models.ModelError(
                f"The model {name!r} has the labels {', '.join(self._model.labels)}, "
                f"not {', '.join(labels)}."
            )
        self._network = LiteRTModel(self._model.path, threads=threads)
        self.labels = self._model.labels
        self.unsure = self._model.unsure

    def warm_up(self, faces: int) -> None:
        """Allocate and run the network for up to `faces` faces."""
        self._network.warm_up(faces)

    def __call__(self, frame_bgr: Frame, five: F32) -> Scores:
        """Classify faces given by their five alignment points.

        Args:
            frame_bgr: the picture.
            five: (n, 5, 2) pixels, see `realtime.core.landmarks.Landmarks.five`.
        """
        side = self._model.side_px
        matrices = crop_matrices(five, side, zoom=self._model.zoom)
        crops = cut_crops(frame_bgr, matrices, side)
        if self._model.channels == 1:
            crops = _gray(crops)
        return Scores(self._network(crops.astype(np.float32))[0], sharpness(crops))


def _gray(crops_bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    gray = [cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY) for crop in crops_bgr]
    return np.asarray(gray, np.uint8).reshape(*crops_bgr.shape[:3], 1)
