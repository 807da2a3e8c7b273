"""A trained classifier of aligned face crops: mask, emotion and what else `models/` holds."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

import models
from realtime.faces import F32, Frame
from realtime.landmark.align import crop_matrices, cut_crops
from realtime.litert import LiteRTModel


class FaceClassifier:
    """Cuts each face as the model's card says and classifies all of them in one batch.

    Args:
        name: the model's folder below `models/`.
        threads: threads the network may use.

    Raises:
        models.ModelError: the model is missing or damaged; the message says what is wrong.
    """

    def __init__(self, name: str, *, threads: int = 1) -> None:
        self._model = models.load(name)
        self._network = LiteRTModel(self._model.path, threads=threads)
        self.labels = self._model.labels

    def warm_up(self, faces: int) -> None:
        """Make ready for frames of up to that many faces."""
        self._network.warm_up(faces)

    def __call__(self, frame_bgr: Frame, five: F32) -> F32:
        """Classify faces given by their five alignment points.

        Args:
            frame_bgr: the picture.
            five: (n, 5, 2) pixels, see `realtime.landmark.align.five_points`.

        Returns:
            (n, len(labels)) probabilities.
        """
        side = self._model.side_px
        matrices = crop_matrices(five, side, zoom=self._model.zoom)
        return self.classify_crops(cut_crops(frame_bgr, matrices, side))

    def classify_crops(self, crops_bgr: NDArray[np.uint8]) -> F32:
        """Classify (n, side, side, 3) uint8 crops that were cut as the card says."""
        if self._model.channels == 1:
            gray = [cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY) for crop in crops_bgr]
            shape = (len(crops_bgr), *crops_bgr.shape[1:3], 1)
            batch = np.asarray(gray, np.float32).reshape(shape)
        else:
            batch = crops_bgr.astype(np.float32)
        return self._network(batch)[0]
