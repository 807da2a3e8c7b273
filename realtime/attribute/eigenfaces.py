"""Gender the classical way: eigenfaces and a support vector machine, for the web page.

Face Recognition Using Eigenfaces, https://doi.org/10.1109/CVPR.1991.139758. The model is a
scikit-learn pipeline that skops wrote; reading it runs no code but scikit-learn's own.
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
FLAT = 8.0  # gray levels: keeps the grain of a plain crop from being stretched to full contrast
# Types beyond those that skops trusts by itself; a model that needs any other is refused.
TRUSTED = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What eigenfaces say of n faces.

    Attributes:
        crops: (n, side, side) uint8, the gray crops that were looked at.
        weights: (n, k) float32, how much of each eigenface is in each face, in its usual spread.
        rebuilt: (n, side, side) uint8, the faces made of these eigenfaces alone.
        prob: (n, 2) float32 in the order of the model's labels.
    """

    crops: NDArray[np.uint8]
    weights: F32
    rebuilt: NDArray[np.uint8]
    prob: F32


class EigenfaceClassifier:
    """Reads the gender of aligned faces by eigenfaces; may be used by several threads.

    Args:
        name: the model's folder.
        root: where the folders are; by default `models/`.

    Attributes:
        labels: what the probabilities stand for, in order.

    Raises:
        models.ModelError: the model is missing or damaged, or holds types that are not trusted.
    """

    def __init__(self, name: str = "gender-svm", *, root: Path | None = None) -> None:
        self._model = models.load(name, root=root, file=FILE)
        self.labels = self._model.labels
        self._classifier = _read(self._model)
        self._steps = steps_of(self._classifier)

    def __call__(self, frame_bgr: Frame, five: F32) -> Looked:
        """Look at faces given by their five alignment points.

        Args:
            frame_bgr: the picture.
            five: (n, 5, 2) pixels, see `realtime.core.landmarks.Landmarks.five`.
        """
        side = self._model.side_px
        if len(five) == 0:  # scikit-learn refuses to look at nothing
            none = np.zeros((0, side, side), np.uint8)
            components = len(self._steps["pca"].components_)
            return Looked(none, np.zeros((0, components), np.float32), none, _NOBODY)
        matrices = crop_matrices(five, side, zoom=self._model.zoom)
        crops = np.stack(
            [
                cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
                for crop in cut_crops(frame_bgr, matrices, side)
            ]
        ).astype(np.uint8)
        vectors = flatten(crops)
        weights = self._steps["pca"].transform(self._steps["scale"].transform(vectors))
        return Looked(
            crops,
            _in_usual_spread(weights, self._steps["pca"]),
            self._rebuilt(weights, side),
            self._classifier.predict_proba(vectors).astype(np.float32),
        )

    def _rebuilt(self, weights: F32, side_px: int) -> NDArray[np.uint8]:
        scaled = self._steps["pca"].inverse_transform(weights)
        values = self._steps["scale"].inverse_transform(scaled).reshape(-1, side_px, side_px)
        return np.asarray(np.clip(values * 255, 0, 255), np.uint8)


_NOBODY = np.zeros((0, 2), np.float32)


def flatten(crops: NDArray[np.uint8]) -> F32:
    """Gray crops (n, s, s) as vectors (n, s * s), each crop's values stretched to 0..1."""
    vectors: F32 = crops.reshape(len(crops), -1).astype(np.float32)
    low, high = vectors.min(axis=1, keepdims=True), vectors.max(axis=1, keepdims=True)
    return np.asarray((vectors - low) / np.maximum(high - low, FLAT), np.float32)


def steps_of(classifier: Any) -> dict[str, Any]:
    """The named steps of the pipeline inside a calibrated classifier: scale, pca, svm."""
    pipeline = classifier.calibrated_classifiers_[0].estimator.estimator
    return dict(pipeline.named_steps)


def _in_usual_spread(weights: F32, pca: Any) -> F32:
    """The weights (n, k) in standard deviations over the training faces.

    `training.gender.eigenfaces.Eigenfaces` leaves each weight the fourth root of its variance, and
    all together a variance of one.
    """
    spread = np.sqrt(pca.explained_variance_ / pca.explained_variance_.sum())
    return np.asarray(weights / spread, np.float32)


def _read(model: models.Model) -> Any:
    from skops import io  # with scikit-learn it takes a second to import, so only where it is used

    try:
        unknown = set(io.get_untrusted_types(file=model.path)) - set(TRUSTED)
        if unknown:
            raise models.ModelError(
                f"The model {model.name!r} holds types that are not trusted: "
                f"{', '.join(sorted(unknown))}."
            )
        with warnings.catch_warnings():
            # Of another scikit-learn than the one that wrote it; our lock file keeps them equal.
            warnings.simplefilter("ignore")
            return io.load(model.path, trusted=TRUSTED)
    except models.ModelError:
        raise
    except Exception as error:  # a damaged file can fail anywhere
        raise models.ModelError(f"The model {model.name!r} cannot be read: {error}.") from error
