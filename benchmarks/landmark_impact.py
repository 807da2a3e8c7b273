"""Effect of landmark accuracy on emotion recognition: the same faces with different alignment.

Only the points that align the crops differ; detector, network and images stay the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import models
from benchmarks.alignments import add_noise, eye_matrices, full_image_matrix
from benchmarks.landmark_plots import plot_impact
from realtime.attribute.registry import EMOTION
from realtime.core.faces import F32, Frame
from realtime.inference.litert import LiteRTModel
from realtime.landmark.align import crop_matrices, cut_crops
from realtime.landmark.dlib68 import Dlib68
from realtime.landmark.facestream_mesh import FaceStreamMesh
from realtime.landmark.region import regions_from_boxes, regions_from_landmarks
from realtime.results.landmarks import display_name
from training.crops import CropSpec, to_gray, whole_box
from training.data import Archive
from training.emotion.fer_sources import open_rows
from training.emotion.oval import NAME, fill_background, read_oval
from training.evaluate import Labels, predict
from training.folders import thinned
from training.progress import over
from training.report import table

# Standard deviation of the noise, as a fraction of the distance between the eyes.
NOISE = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2)
SEEDS = 3
RESAMPLES = 1000
SETS = ("fer2013_private_test", "expressions_oval_held")


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFaces:
    """The faces of one data set with their alignment points.

    Attributes:
        images: n images with one face each.
        truth: (n,) indices in `EMOTION.labels`.
        mesh: (n, 5, 2) alignment points from the mesh.
        dlib68: (n, 5, 2) alignment points from dlib, run on the region from the mesh.
        oval: Whether the images show an oval on black, which is filled with gray as in training.
    """

    images: Sequence[Frame]
    truth: Labels
    mesh: F32
    dlib68: F32
    oval: bool


def measure(data: Path, *, limit: int | None = None, plot: Path | None = None) -> dict[str, Any]:
    """Measure the accuracy of the emotion network with each alignment and with noisy points.

    Args:
        data: Folder of zipped data sets.
        limit: Maximum images per set.
        plot: File for a plot of accuracy over noise; None for no plot.

    Raises:
        training.data.DataError: A data set is missing.
        models.ModelError: A model is missing or damaged.
    """
    model = models.load("emotion")
    spec, network = CropSpec(model.side_px, model.zoom, gray=True), LiteRTModel(model.path)
    sets: dict[str, Any] = {}
    for name in SETS:
        faces = _read_fer(data, limit) if name == SETS[0] else _read_oval(data, spec, limit)
        correct: dict[str, NDArray[np.float64]] = {}
        for method, matrices in alignment_matrices(faces).items():
            correct[method] = _correct(network, _crop(faces, matrices, spec), faces.truth)
        for noise in NOISE:
            trials = []
            for seed in range(SEEDS if noise else 1):
                points = add_noise(faces.mesh, noise, np.random.default_rng(seed))
                matrices = crop_matrices(points, spec.side_px, zoom=spec.zoom)
                trials.append(_correct(network, _crop(faces, matrices, spec), faces.truth))
            correct[f"noise {noise:.0%}"] = np.mean(trials, axis=0)
        noise_of = {f"noise {noise:.0%}": {"noise": noise} for noise in NOISE}
        rows = [
            {"points": method, **noise_of.get(method, {}), **_metrics(values, correct["mesh"])}
            for method, values in correct.items()
        ]
        sets[name] = {"n": len(faces.truth), "rows": rows}
    if plot is not None:
        plot_impact(sets, plot)
    return sets


def alignment_matrices(faces: AlignedFaces, side_px: int = 48, zoom: float = 1.0) -> dict[str, F32]:
    """The crop matrices (n, 2, 3) of each alignment method, by its name in the stored results."""
    full_image = np.stack([full_image_matrix(image, side_px) for image in faces.images])
    return {
        "none, the whole picture": full_image,
        "the eyes alone": eye_matrices(faces.mesh[:, :2], side_px, zoom=zoom),
        "dlib68": crop_matrices(faces.dlib68, side_px, zoom=zoom),
        "mesh": crop_matrices(faces.mesh, side_px, zoom=zoom),
    }


def report(sets: dict[str, Any]) -> list[str]:
    """Format the results as tables; brackets are 95 % bootstrap intervals over the faces."""
    parts = []
    for name, results in sets.items():
        rows = [
            {
                "alignment": display_name(row["points"]),
                "accuracy": _format(row["accuracy"], ".3f"),
                "difference from mesh": _format(row["difference"], "+.3f"),
            }
            for row in results["rows"]
        ]
        parts += [f"emotion by alignment, {name}, {results['n']} faces", table(rows)]
    return parts


def _read_fer(data: Path, limit: int | None) -> AlignedFaces:
    with open_rows(data, "private_test") as rows:
        index = np.arange(len(rows.official))[thinned(len(rows.official), limit)]
        index = index[rows.majority[index] >= 0]
        images = [rows.picture(int(i)) for i in index]
        truth = rows.majority[index]
    return _align(images, truth, oval=False)


def _read_oval(data: Path, spec: CropSpec, limit: int | None) -> AlignedFaces:
    faces = read_oval(data, spec)
    held_out = np.flatnonzero(faces.held_out)
    held_out = held_out[thinned(len(held_out), limit)]
    with Archive(data, NAME) as archive:
        paths = [p for label in EMOTION.labels for p in archive.paths(f"{label}/")]
        images = [archive.picture(paths[int(i)]) for i in held_out]
    return _align(images, faces.soft[held_out].argmax(axis=1), oval=True)


def _align(images: Sequence[Frame], truth: Labels, *, oval: bool) -> AlignedFaces:
    """Compute the alignment points of each face, in the same way as `training.crops.Cropper`."""
    mesh, dlib68 = FaceStreamMesh(), Dlib68()
    mesh_points, dlib_points = [], []
    for image in over(images, len(images), "computing landmarks"):
        first, _ = mesh(image, regions_from_boxes(whole_box(image)))
        second, _ = mesh(image, regions_from_landmarks(first))
        mesh_points.append(second.five()[0])
        points, _ = dlib68(image, regions_from_landmarks(second))
        dlib_points.append(points.five()[0])
    return AlignedFaces(images, truth, np.stack(mesh_points), np.stack(dlib_points), oval)


def _crop(faces: AlignedFaces, matrices: F32, spec: CropSpec) -> NDArray[np.uint8]:
    pairs: Iterator[tuple[Frame, F32]] = zip(faces.images, matrices, strict=True)
    crops = np.concatenate([cut_crops(image, m[None], spec.side_px) for image, m in pairs])
    gray = to_gray(crops)
    return fill_background(gray) if faces.oval else gray


def _correct(network: LiteRTModel, crops: NDArray[np.uint8], truth: Labels) -> NDArray[np.float64]:
    """1 for each face that is classified correctly, otherwise 0: (n,)."""
    return np.asarray(predict(network, crops).argmax(axis=1) == truth, np.float64)


def _metrics(correct: NDArray[np.float64], mesh: NDArray[np.float64]) -> dict[str, Any]:
    """Accuracy, and its difference from the mesh on the same faces, with 95 % intervals."""
    rng = np.random.default_rng(0)
    samples = rng.integers(0, len(correct), (RESAMPLES, len(correct)))
    metrics = {}
    for name, values in {"accuracy": correct, "difference": correct - mesh}.items():
        low, high = np.percentile(values[samples].mean(axis=1), [2.5, 97.5])
        interval = [round(float(low), 4), round(float(high), 4)]
        metrics[name] = {"value": round(float(values.mean()), 4), "interval": interval}
    return metrics


def _format(metric: dict[str, Any], spec: str) -> str:
    low, high = metric["interval"]
    return f"{metric['value']:{spec}} [{low:{spec}}, {high:{spec}}]"
