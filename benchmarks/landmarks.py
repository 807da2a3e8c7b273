"""How far the landmarks are off on labelled faces, and what finding them takes.

The measure is the mean distance of the 68 points over that of the eyes' outer corners. The mesh
looks twice, the second time about what it found first, as on the photo page. The points of dlib are
found in the box itself, with one look and with two, and "by the mesh", as the running system does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.landmark_plots import BOX, plot_curves
from realtime.core.faces import F32
from realtime.landmark.dlib68 import Dlib68, regions_about
from realtime.landmark.mesh import FaceMesh
from realtime.landmark.mesh68 import MeshTo68
from realtime.landmark.region import regions_from_landmarks
from realtime.landmark.topology import mesh_as_68
from training.data import Archive
from training.landmarks.errors import LIMIT, face_errors, score
from training.landmarks.faces import LabelledFace, read_faces
from training.landmarks.regions import detect_regions
from training.report import table

RUNS = 400


def measure(
    data: Path,
    detectors: Sequence[str],
    *,
    limit: int | None = None,
    plot: Path | None = None,
    file: Path | None = None,
) -> dict[str, Any]:
    """Errors on helen test from the boxes about the points and from those of the detectors.

    Args:
        data: the folder of zipped sets.
        detectors: names in `realtime.detect.DETECTORS`.
        limit: at most so many faces.
        plot: where to draw the cumulative curves.
        file: a shape predictor of the user's own, in the place of ours.

    Raises:
        training.data.DataError: the set is missing.
        models.ModelError: a model is missing or damaged.
    """
    faces = read_faces(data, "test", limit=limit)
    with Archive(data, "landmarks_300w") as archive:
        fingerprint = archive.fingerprint()
    points = np.stack([face.points for face in faces])
    dlib68, corrected = Dlib68(file), MeshTo68.load()
    rows, curves = [], {}
    for k, name in enumerate(detectors):
        found = detect_regions(faces, "test", name, fingerprint=fingerprint)
        there = ~np.isnan(found["detector"]).any(axis=1)
        seen = [face for face, is_there in zip(faces, there, strict=True) if is_there]
        every = np.ones(len(faces), bool)
        # From the true boxes nothing depends on the detector: once is enough.
        sources = [(BOX, faces, every, found["box"], found["own"])] if k == 0 else []
        sources.append((name, seen, there, found["detector"][there], found["landmarks"][there]))
        for source, shown, which, regions, mesh in sources:
            answers = {
                "mesh, by the table": mesh_as_68(mesh),
                "mesh, corrected": corrected(mesh),
                "dlib68": _points(dlib68, shown, regions),
                "dlib68, two looks": _looked(dlib68, shown, regions),
                "dlib68 by the mesh": _points(dlib68, shown, regions_from_landmarks(mesh)),
            }
            for model, answer in answers.items():
                told = asdict(score(answer, points[which]))
                told["mean"] = score(answer, points[which]).mean.rounded()
                rows.append(
                    {"landmarks": model, "from": source, "missed": int((~which).sum()), **told}
                )
                if k == 0:
                    curves[f"{model}, {source}"] = face_errors(answer, points[which])
    if plot is not None:
        plot_curves(curves, plot)
    return {"rows": rows, "milliseconds_per_face": _speed(faces[0], dlib68, corrected)}


def report(figures: dict[str, Any]) -> list[str]:
    """Tables for people."""
    rows = [
        {
            "landmarks": row["landmarks"],
            "from": row["from"],
            "missed": row["missed"],
            "mean error": "{value:.4f} [{interval[0]:.4f}, {interval[1]:.4f}]".format(
                **row["mean"]
            ),
            "median": f"{row['median']:.4f}",
            "without jaw": f"{row['inner']:.4f}",
            f"AUC at {LIMIT}": f"{row['auc']:.3f}",
            f"over {LIMIT}": f"{row['failed']:.1%}",
        }
        for row in figures["rows"]
    ]
    times = [
        {"landmarks": name, "ms a face": f"{ms:.3f}"}
        for name, ms in figures["milliseconds_per_face"].items()
    ]
    told = "landmarks, helen test, errors over the distance of the eyes' outer corners"
    return [told, table(rows), table(times)]


def _looked(dlib68: Dlib68, faces: Sequence[LabelledFace], regions: F32) -> F32:
    return _points(dlib68, faces, regions_about(_points(dlib68, faces, regions)))


def _points(dlib68: Dlib68, faces: Sequence[LabelledFace], regions: F32) -> F32:
    found = [
        dlib68(face.picture, region[None])[0] for face, region in zip(faces, regions, strict=True)
    ]
    return np.concatenate(found)


def _speed(face: LabelledFace, dlib68: Dlib68, corrected: MeshTo68) -> dict[str, float]:
    """Median milliseconds of one look at one face, crop included, in one thread."""
    mesh, region = FaceMesh(), regions_about(face.points[None])
    landmarks, _ = mesh(face.picture, region)
    looks: dict[str, Callable[[], Any]] = {
        "mesh": lambda: mesh(face.picture, region),
        "mesh as 68, corrected": lambda: corrected(landmarks),
        "dlib68": lambda: dlib68(face.picture, region),
    }
    return {name: _median_ms(look) for name, look in looks.items()}


def _median_ms(call: Callable[[], Any]) -> float:
    times = []
    for _ in range(RUNS + 20):
        start = time.perf_counter_ns()
        call()
        times.append((time.perf_counter_ns() - start) / 1e6)
    return round(float(np.median(times[20:])), 3)
