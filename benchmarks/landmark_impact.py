"""What landmark accuracy means for emotion: the same faces, aligned by better or worse points.

Only the points that a face is cut by change; detector, network and pictures stay the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import models
from benchmarks.alignments import eye_matrices, noisy, whole_matrix
from benchmarks.landmark_plots import plot_impact
from realtime.core.faces import EMOTION_LABELS, F32, Frame
from realtime.inference.litert import LiteRTModel
from realtime.landmark.align import crop_matrices, cut_crops, five_points
from realtime.landmark.dlib68 import Dlib68
from realtime.landmark.mesh import FaceMesh
from realtime.landmark.region import regions_from_boxes, regions_from_landmarks
from training.crops import CropSpec, to_gray, whole_box
from training.data import Archive
from training.emotion.fer_sources import open_rows
from training.emotion.oval import NAME, fill_background, read_oval
from training.evaluate import Labels, predict
from training.folders import thinned
from training.progress import over
from training.report import table

NOISE = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2)  # of the distance of the eyes
SEEDS = 3
DRAWS = 1000
SETS = ("fer2013_private_test", "expressions_oval_held")


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The faces of one set.

    Attributes:
        pictures: n of them, one face each.
        truth: (n,) positions in `EMOTION_LABELS`.
        mesh: (n, 5, 2) alignment points from the mesh.
        dlib68: (n, 5, 2) from dlib's points, looked for where the mesh is.
        oval: whether the black about the faces is to be made gray, as in training.
    """

    pictures: Sequence[Frame]
    truth: Labels
    mesh: F32
    dlib68: F32
    oval: bool


def measure(data: Path, *, limit: int | None = None, plot: Path | None = None) -> dict[str, Any]:
    """Accuracy of the shipped emotion network for each way of alignment, and for noisy points.

    Args:
        data: the folder of zipped sets.
        limit: at most so many pictures of each set.
        plot: where to draw accuracy over noise.

    Raises:
        training.data.DataError: a set is missing.
        models.ModelError: a model is missing or damaged.
    """
    model = models.load("emotion")
    spec, network = CropSpec(model.side_px, model.zoom, gray=True), LiteRTModel(model.path)
    sets: dict[str, Any] = {}
    for name in SETS:
        faces = _fer(data, limit) if name == SETS[0] else _oval(data, spec, limit)
        right = {}
        for way, points in ways(faces).items():
            shown = faces.pictures, points, spec, faces.oval
            right[way] = _right(network, _cut(*shown), faces.truth)
        for share in NOISE:
            tries = []
            for seed in range(SEEDS if share else 1):
                moved = noisy(faces.mesh, share, np.random.default_rng(seed))
                matrices = crop_matrices(moved, spec.side_px, zoom=spec.zoom)
                crops = _cut(faces.pictures, matrices, spec, faces.oval)
                tries.append(_right(network, crops, faces.truth))
            right[f"noise {share:.0%}"] = np.mean(tries, axis=0)
        shares = {f"noise {share:.0%}": {"noise": share} for share in NOISE}
        rows = [
            {"points": way, **shares.get(way, {}), **_figures(values, right["mesh"])}
            for way, values in right.items()
        ]
        sets[name] = {"n": len(faces.truth), "rows": rows}
    if plot is not None:
        plot_impact(sets, plot)
    return sets


def ways(faces: Shown, side_px: int = 48, zoom: float = 1.0) -> dict[str, F32]:
    """The crops' matrices (n, 2, 3) for each way of alignment."""
    whole = np.stack([whole_matrix(picture, side_px) for picture in faces.pictures])
    return {
        "none, the whole picture": whole,
        "the eyes alone": eye_matrices(faces.mesh[:, :2], side_px, zoom=zoom),
        "dlib68": crop_matrices(faces.dlib68, side_px, zoom=zoom),
        "mesh": crop_matrices(faces.mesh, side_px, zoom=zoom),
    }


def report(sets: dict[str, Any]) -> list[str]:
    """Tables for people; brackets are 95 % bootstrap intervals over the faces."""
    parts = []
    for name, told in sets.items():
        rows = [
            {
                "points": row["points"],
                "accuracy": _range(row["accuracy"], ".3f"),
                "against the mesh": _range(row["difference"], "+.3f"),
            }
            for row in told["rows"]
        ]
        parts += [f"emotion by alignment, {name}, {told['n']} faces", table(rows)]
    return parts


def _fer(data: Path, limit: int | None) -> Shown:
    with open_rows(data, "private_test") as rows:
        index = np.arange(len(rows.official))[thinned(len(rows.official), limit)]
        index = index[rows.majority[index] >= 0]
        pictures = [rows.picture(int(i)) for i in index]
        truth = rows.majority[index]
    return _found(pictures, truth, oval=False)


def _oval(data: Path, spec: CropSpec, limit: int | None) -> Shown:
    known = read_oval(data, spec)
    held = np.flatnonzero(known.held_out)
    held = held[thinned(len(held), limit)]
    with Archive(data, NAME) as archive:
        paths = [p for label in EMOTION_LABELS for p in archive.paths(f"{label}/")]
        pictures = [archive.picture(paths[int(i)]) for i in held]
    return _found(pictures, known.soft[held].argmax(axis=1), oval=True)


def _found(pictures: Sequence[Frame], truth: Labels, *, oval: bool) -> Shown:
    """The points of each picture's face, found as `training.crops.Cropper` finds them."""
    mesh, dlib68 = FaceMesh(), Dlib68()
    by_mesh, by_dlib = [], []
    for picture in over(pictures, len(pictures), "looking for faces"):
        first, _ = mesh(picture, regions_from_boxes(whole_box(picture)))
        second, _ = mesh(picture, regions_from_landmarks(first))
        by_mesh.append(five_points(second)[0])
        points, _ = dlib68(picture, regions_from_landmarks(second))
        by_dlib.append(five_points(points)[0])
    return Shown(pictures, truth, np.stack(by_mesh), np.stack(by_dlib), oval)


def _cut(pictures: Sequence[Frame], matrices: F32, spec: CropSpec, oval: bool) -> NDArray[np.uint8]:
    pairs: Iterator[tuple[Frame, F32]] = zip(pictures, matrices, strict=True)
    crops = np.concatenate([cut_crops(p, m[None], spec.side_px) for p, m in pairs])
    gray = to_gray(crops)
    return fill_background(gray, np.random.default_rng(0)) if oval else gray


def _right(network: LiteRTModel, crops: NDArray[np.uint8], truth: Labels) -> NDArray[np.float64]:
    return (predict(network, crops).argmax(axis=1) == truth).astype(np.float64)


def _figures(right: NDArray[np.float64], mesh: NDArray[np.float64]) -> dict[str, Any]:
    """Accuracy, and its difference from the mesh's on the same faces, with intervals."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(right), (DRAWS, len(right)))
    values = {"accuracy": right, "difference": right - mesh}
    figures = {}
    for name, value in values.items():
        low, high = np.percentile(value[drawn].mean(axis=1), [2.5, 97.5])
        ends = [round(float(low), 4), round(float(high), 4)]
        figures[name] = {"value": round(float(value.mean()), 4), "interval": ends}
    return figures


def _range(figure: dict[str, Any], form: str) -> str:
    low, high = figure["interval"]
    return f"{figure['value']:{form}} [{low:{form}}, {high:{form}}]"
