"""Gender by eigenfaces and a support vector machine, for the web page.

Source: Turk and Pentland, Face Recognition Using Eigenfaces,
https://doi.org/10.1109/CVPR.1991.139758. The model is a scikit-learn pipeline saved with skops;
unlike a pickle, loading it runs no code except scikit-learn's own.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import models
from realtime.core.faces import F32, Frame
from realtime.landmark.align import crop_matrices, cut_crops

FILE = "model.skops"
# Minimum contrast in gray levels: the noise of a uniform crop is not stretched to full range.
MIN_CONTRAST = 8.0
# Types allowed beyond skops' own defaults; a model that contains any other is rejected.
TRUSTED = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EigenfaceResult:
    """Results for n faces.

    Attributes:
        crops: (n, side, side) uint8, the classified gray crops.
        weights: (n, k) float32, each face's weights of the k eigenfaces, in standard deviations
            over the training faces.
        reconstructions: (n, side, side) uint8, the faces reconstructed from these weights.
        prob: (n, 2) float32, probabilities in the order of the model's labels.
    """

    crops: NDArray[np.uint8]
    weights: F32
    reconstructions: NDArray[np.uint8]
    prob: F32


class EigenfaceClassifier:
    """Classifies the gender of aligned faces by eigenfaces. Thread-safe.

    Args:
        name: name of the model's folder.
        root: folder of the models' folders; defaults to `models/`.

    Attributes:
        labels: classes in the order of the probabilities.

    Raises:
        models.ModelError: the model is missing, damaged or contains untrusted types.
    """

    def __init__(self, name: str = "gender-svm", *, root: Path | None = None) -> None:
        self._model = models.load(name, root=root, file=FILE)
        self.labels = self._model.labels
        self._classifier = _load(self._model)
        self._steps = steps_of(self._classifier)

    def __call__(self, frame_bgr: Frame, five: F32) -> EigenfaceResult:
        """Classify faces.

        Args:
            frame_bgr: (h, w, 3) uint8.
            five: (n, 5, 2) alignment points in pixels, see
                `realtime.core.landmarks.Landmarks.five`.
        """
        side = self._model.side_px
        if len(five) == 0:  # scikit-learn rejects empty input
            return self._empty()
        matrices = crop_matrices(five, side, zoom=self._model.zoom)
        crops = np.stack(
            [
                cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
                for crop in cut_crops(frame_bgr, matrices, side)
            ]
        ).astype(np.uint8)
        vectors = flatten(crops)
        weights = self._steps["pca"].transform(self._steps["scale"].transform(vectors))
        return EigenfaceResult(
            crops=crops,
            weights=_standardised(weights, self._steps["pca"]),
            reconstructions=self._reconstruct(weights, side),
            prob=self._classifier.predict_proba(vectors).astype(np.float32),
        )

    def _empty(self) -> EigenfaceResult:
        side, components = self._model.side_px, len(self._steps["pca"].components_)
        return EigenfaceResult(
            crops=np.zeros((0, side, side), np.uint8),
            weights=np.zeros((0, components), np.float32),
            reconstructions=np.zeros((0, side, side), np.uint8),
            prob=np.zeros((0, len(self.labels)), np.float32),
        )

    def _reconstruct(self, weights: F32, side_px: int) -> NDArray[np.uint8]:
        scaled = self._steps["pca"].inverse_transform(weights)
        values = self._steps["scale"].inverse_transform(scaled).reshape(-1, side_px, side_px)
        return np.asarray(np.clip(values * 255, 0, 255), np.uint8)


def flatten(crops: NDArray[np.uint8]) -> F32:
    """Flatten gray crops (n, s, s) to vectors (n, s * s), each stretched to the range 0 to 1."""
    vectors: F32 = crops.reshape(len(crops), -1).astype(np.float32)
    low, high = vectors.min(axis=1, keepdims=True), vectors.max(axis=1, keepdims=True)
    return np.asarray((vectors - low) / np.maximum(high - low, MIN_CONTRAST), np.float32)


def steps_of(classifier: Any) -> dict[str, Any]:
    """The steps of the pipeline in a calibrated classifier, by name: scale, pca, svm."""
    pipeline = classifier.calibrated_classifiers_[0].estimator.estimator
    return dict(pipeline.named_steps)


def _standardised(weights: F32, pca: Any) -> F32:
    """The weights (n, k) in standard deviations over the training faces.

    `training.gender.eigenfaces.Eigenfaces` divides each weight by the fourth root of its variance
    only, and scales all of them to a total variance of one.
    """
    spread = np.sqrt(pca.explained_variance_ / pca.explained_variance_.sum())
    return np.asarray(weights / spread, np.float32)


def _load(model: models.Model) -> Any:
    from skops import io  # importing it and scikit-learn takes a second

    try:
        unknown = set(io.get_untrusted_types(file=model.path)) - set(TRUSTED)
        if unknown:
            raise models.ModelError(
                f"Model {model.name!r}: {FILE} contains untrusted types: "
                f"{', '.join(sorted(unknown))}."
            )
        with warnings.catch_warnings():
            # It warns of models saved by another scikit-learn version; the lock file pins ours.
            warnings.simplefilter("ignore")
            return io.load(model.path, trusted=TRUSTED)
    except models.ModelError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise models.ModelError(f"Model {model.name!r}: cannot read {FILE}: {error}.") from error
