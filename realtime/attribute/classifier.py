"""A trained classifier of aligned face crops: mask, emotion and what else `models/` holds."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

import models
from realtime.attribute.doubts import Answers
from realtime.attribute.quality import sharpness
from realtime.core.faces import F32, Frame
from realtime.inference.litert import LiteRTModel
from realtime.landmark.align import crop_matrices, cut_crops


class FaceClassifier:
    """Cuts each face as the model's card says and classifies all of them in one batch.

    Args:
        name: the model's folder below `models/`.
        threads: threads the network may use.

    Attributes:
        labels: what the probabilities stand for, in order.
        unsure: when its answers are to be called unsure.

    Raises:
        models.ModelError: the model is missing or damaged; the message says what is wrong.
    """

    def __init__(self, name: str, *, threads: int = 1) -> None:
        self._model = models.load(name)
        self._network = LiteRTModel(self._model.path, threads=threads)
        self.labels = self._model.labels
        self.unsure = self._model.unsure

    def warm_up(self, faces: int) -> None:
        """Make ready for frames of up to that many faces."""
        self._network.warm_up(faces)

    def __call__(self, frame_bgr: Frame, five: F32) -> Answers:
        """Classify faces given by their five alignment points.

        Args:
            frame_bgr: the picture.
            five: (n, 5, 2) pixels, see `realtime.landmark.align.five_points`.
        """
        side = self._model.side_px
        matrices = crop_matrices(five, side, zoom=self._model.zoom)
        crops = cut_crops(frame_bgr, matrices, side)
        if self._model.channels == 1:
            crops = _gray(crops)
        return Answers(self._network(crops.astype(np.float32))[0], sharpness(crops))


def _gray(crops_bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    gray = [cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY) for crop in crops_bgr]
    return np.asarray(gray, np.uint8).reshape(*crops_bgr.shape[:3], 1)
