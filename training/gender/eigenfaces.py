"""Eigenfaces and a support vector machine: grid search, fitting, calibration, saving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from realtime.attribute.eigenfaces import flatten, steps_of
from realtime.core.faces import F32
from training.gender.prepare import SIDE_PX, Prepared

# Searched on a part of the training faces; the best settings are fitted to all of them.
GRID: Sequence[Mapping[str, Sequence[Any]]] = (
    {
        "pca__n_components": [100, 150, 200],
        "svm__kernel": ["rbf"],
        "svm__C": [1.0, 3.0, 10.0],
        "svm__gamma": [0.5, 1.0],
    },
    {"pca__n_components": [150], "svm__kernel": ["linear"], "svm__C": [10.0, 100.0]},
)
SEARCH_FACES, FOLDS = 1500, 3
MANTISSA_BITS = 11  # of stored floats: the zeros that follow compress well


class Eigenfaces(PCA):  # type: ignore[misc]
    """PCA with partial whitening: weights are divided by the fourth root of their variance.

    Without whitening, a few eigenfaces of light and shadow outweigh all others; with full whitening
    (`whiten=True`), the noise of the last counts as much as the first. The weights are scaled so
    that their squared norm is 1 on average.
    """

    explained_variance_: NDArray[np.float64]

    def __init__(self, n_components: int = 150, *, random_state: int = 0) -> None:
        super().__init__(n_components, svd_solver="randomized", random_state=random_state)

    def fit(self, X: F32, y: Any = None) -> Eigenfaces:
        """Fit, and scale the stored variances so that `PCA.transform` whitens partially."""
        self.whiten = False
        PCA.fit(self, X)
        # PCA divides by the root of this when it whitens.
        variance = self.explained_variance_
        self.explained_variance_ = np.sqrt(variance) * np.sqrt(variance).sum()
        self.whiten = True
        return self

    def fit_transform(self, X: F32, y: Any = None) -> F32:
        """Fit, and return the weights (n, k) of X."""
        return np.asarray(self.fit(X).transform(X), np.float32)

    def to_pca(self) -> PCA:
        """An equal PCA of scikit-learn's own class, for saving."""
        pca = PCA(self.n_components, whiten=True)
        pca.__dict__.update({k: v for k, v in self.__dict__.items() if k.endswith("_")})
        return pca


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """Results of the grid search.

    Attributes:
        best: the settings with the highest accuracy.
        rows: one row per candidate: settings, mean accuracy and its standard deviation over folds.
    """

    best: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]


def pipeline(memory: str | None = None) -> Pipeline:
    """An unfitted pipeline of scaler, eigenfaces and support vector machine.

    Args:
        memory: cache folder for fitted steps.
    """
    # Pixels are already between 0 and 1, so the scaler only subtracts the mean face.
    return Pipeline(
        [
            ("scale", StandardScaler(with_std=False)),
            ("pca", Eigenfaces()),
            ("svm", SVC(cache_size=1000)),
        ],
        memory=memory,
    )


def search(
    vectors: F32,
    label: NDArray[np.int64],
    *,
    grid: Sequence[Mapping[str, Sequence[Any]]] = GRID,
    faces: int = SEARCH_FACES,
    seed: int = 0,
) -> Search:
    """Cross-validate all settings on a sample of the training faces.

    Args:
        vectors: (n, 10000) float32, see `Prepared.vectors`.
        label: (n,) labels.
        grid: the settings, see `sklearn.model_selection.GridSearchCV`.
        faces: size of the sample.
        seed: seed of sample and folds.
    """
    sample = np.random.default_rng(seed).permutation(len(vectors))[:faces]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    settings = cap_components(grid, len(sample) * (FOLDS - 1) // FOLDS - 1)
    with TemporaryDirectory() as memory:
        search = GridSearchCV(pipeline(memory), settings, cv=folds, refit=False, verbose=1)
        search.fit(vectors[sample], label[sample])
    results = search.cv_results_
    rows = [
        {
            "eigenfaces": settings["pca__n_components"],
            "kernel": settings["svm__kernel"],
            "C": settings["svm__C"],
            "gamma": settings.get("svm__gamma", "–"),
            "accuracy": round(float(mean), 4),
            "standard deviation over folds": round(float(spread), 4),
        }
        for settings, mean, spread in zip(
            results["params"],
            results["mean_test_score"],
            results["std_test_score"],
            strict=True,
        )
    ]
    return Search(search.best_params_, sorted(rows, key=lambda row: -float(row["accuracy"])))


def cap_components(
    grid: Sequence[Mapping[str, Sequence[Any]]], maximum: int
) -> list[dict[str, Sequence[Any]]]:
    """The grid with at most `maximum` eigenfaces, which must be fewer than the faces."""
    name = "pca__n_components"
    return [{**part, name: sorted({min(count, maximum) for count in part[name]})} for part in grid]


def train(train: Prepared, validation: Prepared, best: Mapping[str, Any]) -> CalibratedClassifierCV:
    """Fit to all training faces and their mirror images; calibrate on the validation faces."""
    fitted = pipeline().set_params(**best).fit(mirrored(train), np.tile(train.label, 2))
    fitted.steps[1] = ("pca", fitted.named_steps["pca"].to_pca())
    calibrated = CalibratedClassifierCV(FrozenEstimator(fitted), method="sigmoid")
    calibrated.fit(validation.vectors(), validation.label)
    return calibrated


def mirrored(prepared: Prepared) -> F32:
    """Vectors of the faces, then of their mirror images: (2 n, 10000)."""
    mirror = np.ascontiguousarray(prepared.crops[:, :, ::-1])
    return np.concatenate([prepared.vectors(), flatten(mirror)])


def save(classifier: CalibratedClassifierCV, path: Path) -> None:
    """Save with skops. Rounds the weights in place first, so that the file is small.

    Evaluate the classifier only after this, or as loaded from the file.
    """
    from skops import io

    steps = steps_of(classifier)
    pca, svm = steps["pca"], steps["svm"]
    pca.components_ = round_mantissa(pca.components_.astype(np.float32))
    svm.support_vectors_ = round_mantissa(svm.support_vectors_)
    path.parent.mkdir(parents=True, exist_ok=True)
    io.dump(classifier, path, compression=8, compresslevel=9)  # 8: deflate


def round_mantissa(values: NDArray[Any], bits: int = MANTISSA_BITS) -> NDArray[Any]:
    """Round floats to `bits` bits of mantissa; keeps the type."""
    fraction, exponent = np.frexp(values)
    result: NDArray[Any] = np.ldexp(np.round(fraction * 2**bits) / 2**bits, exponent)
    return result.astype(values.dtype)


def components(classifier: CalibratedClassifierCV) -> tuple[F32, F32, F32]:
    """Mean face (s, s), eigenfaces (k, s, s) and their explained variance ratios (k,)."""
    steps = steps_of(classifier)
    mean = steps["scale"].mean_.reshape(SIDE_PX, SIDE_PX)
    faces = steps["pca"].components_.reshape(-1, SIDE_PX, SIDE_PX)
    return mean, faces, steps["pca"].explained_variance_ratio_
