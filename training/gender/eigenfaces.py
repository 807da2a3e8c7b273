"""Eigenfaces and a support vector machine: fitted, searched, calibrated and saved by skops."""

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

# Searched on a part of the training faces; what wins is fitted to all of them.
GRID: Sequence[Mapping[str, Sequence[Any]]] = (
    {
        "pca__n_components": [100, 150, 200],
        "svm__kernel": ["rbf"],
        "svm__C": [1.0, 3.0, 10.0],
        "svm__gamma": [0.5, 1.0],
    },
    {"pca__n_components": [150], "svm__kernel": ["linear"], "svm__C": [10.0, 100.0]},
)
SEARCHED, FOLDS = 1500, 3
KEPT_BITS = 11  # of a stored number's fraction: zip packs the zeros that follow


class Eigenfaces(PCA):  # type: ignore[misc]
    """PCA whose weights have the fourth root of their spread taken out, and unit length on average.

    Left as they are, a few eigenfaces of light and shade outweigh all others; made equal
    (`whiten=True`), the noise of the last counts as much as the first. This lies between.
    """

    explained_variance_: NDArray[np.float64]

    def __init__(self, n_components: int = 150, *, random_state: int = 0) -> None:
        super().__init__(n_components, svd_solver="randomized", random_state=random_state)

    def fit(self, X: F32, y: Any = None) -> Eigenfaces:
        """Fit, and store what turns `PCA.transform` into the gentler one."""
        self._gentle(lambda: PCA.fit(self, X))
        return self

    def fit_transform(self, X: F32, y: Any = None) -> F32:
        """As `fit`, then the weights of X (n, k)."""
        return np.asarray(self.fit(X).transform(X), np.float32)

    def _gentle(self, fit: Any) -> None:
        self.whiten = False
        fit()
        # PCA divides by the root of this when it whitens.
        variance = self.explained_variance_
        self.explained_variance_ = np.sqrt(variance) * np.sqrt(variance).sum()
        self.whiten = True

    def plain(self) -> PCA:
        """The same as a PCA of scikit-learn's own, to be stored."""
        pca = PCA(self.n_components, whiten=True)
        pca.__dict__.update({k: v for k, v in self.__dict__.items() if k.endswith("_")})
        return pca


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What the grid search found.

    Attributes:
        best: the settings with the highest accuracy.
        rows: a row for each setting: the settings, mean accuracy and its spread over the folds.
    """

    best: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]


def pipeline(memory: str | None = None) -> Pipeline:
    """Scaler, eigenfaces, support vector machine, not fitted.

    Args:
        memory: a folder in which steps fitted before to the same faces are kept.
    """
    # Pixels are already between 0 and 1, so only their mean, the mean face, is taken off.
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
    faces: int = SEARCHED,
    seed: int = 0,
) -> Search:
    """Cross-validate every setting on some of the training faces."""
    some = np.random.default_rng(seed).permutation(len(vectors))[:faces]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    settings = fewer_eigenfaces(grid, len(some) * (FOLDS - 1) // FOLDS - 1)
    with TemporaryDirectory() as memory:
        found = GridSearchCV(pipeline(memory), settings, cv=folds, refit=False, verbose=1)
        found.fit(vectors[some], label[some])
    told = found.cv_results_
    rows = [
        {
            "eigenfaces": settings["pca__n_components"],
            "kernel": settings["svm__kernel"],
            "C": settings["svm__C"],
            "gamma": settings.get("svm__gamma", "–"),
            "accuracy": round(float(mean), 4),
            "spread over folds": round(float(spread), 4),
        }
        for settings, mean, spread in zip(
            told["params"], told["mean_test_score"], told["std_test_score"], strict=True
        )
    ]
    return Search(found.best_params_, sorted(rows, key=lambda row: -float(row["accuracy"])))


def fewer_eigenfaces(
    grid: Sequence[Mapping[str, Sequence[Any]]], most: int
) -> list[dict[str, Sequence[Any]]]:
    """The grid with at most so many eigenfaces: there are never as many as faces."""
    name = "pca__n_components"
    return [{**part, name: sorted({min(count, most) for count in part[name]})} for part in grid]


def train(train: Prepared, held: Prepared, best: Mapping[str, Any]) -> CalibratedClassifierCV:
    """Fit to all training faces and their mirror images; probabilities from the held-out ones."""
    fitted = pipeline().set_params(**best).fit(mirrored(train), np.tile(train.label, 2))
    fitted.steps[1] = ("pca", fitted.named_steps["pca"].plain())
    calibrated = CalibratedClassifierCV(FrozenEstimator(fitted), method="sigmoid")
    calibrated.fit(held.vectors(), held.label)
    return calibrated


def mirrored(prepared: Prepared) -> F32:
    """The faces' vectors, then those of their mirror images: (2 n, 10000)."""
    mirror = np.ascontiguousarray(prepared.crops[:, :, ::-1])
    return np.concatenate([prepared.vectors(), flatten(mirror)])


def save(classifier: CalibratedClassifierCV, path: Path) -> None:
    """Write it with skops, its numbers rounded in place so that the file is small.

    Judge the classifier after this, or better what is read back.
    """
    from skops import io

    steps = steps_of(classifier)
    pca, svm = steps["pca"], steps["svm"]
    pca.components_ = rounded(pca.components_.astype(np.float32))
    svm.support_vectors_ = rounded(svm.support_vectors_)
    path.parent.mkdir(parents=True, exist_ok=True)
    io.dump(classifier, path, compression=8, compresslevel=9)  # 8: zip's deflate


def rounded(values: NDArray[Any], bits: int = KEPT_BITS) -> NDArray[Any]:
    """Floats with only `bits` bits of their fraction left, of the same type."""
    fraction, exponent = np.frexp(values)
    result: NDArray[Any] = np.ldexp(np.round(fraction * 2**bits) / 2**bits, exponent)
    return result.astype(values.dtype)


def components(classifier: CalibratedClassifierCV) -> tuple[F32, F32, F32]:
    """Mean face (s, s), eigenfaces (k, s, s) and their shares of the variance (k,)."""
    steps = steps_of(classifier)
    mean = steps["scale"].mean_.reshape(SIDE_PX, SIDE_PX)
    faces = steps["pca"].components_.reshape(-1, SIDE_PX, SIDE_PX)
    return mean, faces, steps["pca"].explained_variance_ratio_
