"""Accuracy and speed of the landmark methods on labelled faces.

The error of a face is the mean distance of its 68 points, divided by the distance between the outer
eye corners. The mesh is that of `settled_mesh`, as on the photo page. The network of the 68 points
moves what is mapped from the mesh. dlib's predictor runs on the box itself, once and twice, and on
the region from the mesh, as in the live pipeline.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.landmark_plots import GROUND_TRUTH_BOX, plot_error_curves
from realtime.core.faces import F32
from realtime.core.landmarks import MESH468, Landmarks
from realtime.landmark.cnn68 import Cnn68
from realtime.landmark.dlib68 import Dlib68, regions_from_points
from realtime.landmark.facestream_mesh import FaceStreamMesh
from realtime.landmark.mesh68 import MeshTo68, mesh_as_68
from realtime.landmark.region import regions_from_landmarks
from realtime.landmark.types import Landmarker
from realtime.results.landmarks import display_name
from training.data import Archive
from training.landmarks.errors import LIMIT, face_errors, score
from training.landmarks.faces import LabelledFace, read_faces
from training.landmarks.regions import detect_regions
from training.report import table

WARM_UP, RUNS = 20, 400


def measure(
    data: Path,
    detectors: Sequence[str],
    *,
    limit: int | None = None,
    plot: Path | None = None,
    file: Path | None = None,
) -> dict[str, Any]:
    """Measure the errors on helen test, with ground-truth boxes and with each detector's boxes.

    Args:
        data: Folder of zipped data sets.
        detectors: Names in `realtime.detect.DETECTORS`.
        limit: Maximum number of faces.
        plot: File for a plot of the error distributions; None for no plot.
        file: dlib shape predictor to evaluate instead of ours.

    Raises:
        training.data.DataError: The data set is missing.
        models.ModelError: A model is missing or damaged.
    """
    faces = read_faces(data, "test", limit=limit)
    with Archive(data, "landmarks_300w") as archive:
        fingerprint = archive.fingerprint()
    truth = np.stack([face.points for face in faces])
    dlib68, cnn68, mesh_to_68 = Dlib68(file), Cnn68(), MeshTo68.load()
    rows: list[dict[str, Any]] = []
    errors: dict[tuple[str, str], F32] = {}
    for k, name in enumerate(detectors):
        regions = detect_regions(faces, "test", name, fingerprint=fingerprint)
        detected = ~np.any(np.isnan(regions["detector"]), axis=1)
        everyone = np.ones(len(faces), bool)
        # The results from ground-truth boxes are the same for each detector.
        sources = [(GROUND_TRUTH_BOX, everyone, "box", "settled_own")] if k == 0 else []
        sources.append((name, detected, "detector", "settled"))
        for source, used, region_key, mesh_key in sources:
            shown = [face for face, is_used in zip(faces, used, strict=True) if is_used]
            mesh = regions[mesh_key][used]
            results = _predict(shown, regions[region_key][used], mesh, dlib68, cnn68, mesh_to_68)
            for method, points in results.items():
                missed = int((~used).sum())
                metrics = _metrics(points, truth[used])
                rows.append({"landmarks": method, "from": source, "missed": missed, **metrics})
                if k == 0:
                    errors[method, source] = face_errors(points, truth[used])
    if plot is not None:
        plot_error_curves(errors, plot)
    times = _measure_speed(faces[0], dlib68, cnn68, mesh_to_68)
    return {"rows": rows, "milliseconds_per_face": times}


def _predict(
    faces: Sequence[LabelledFace],
    regions: F32,
    mesh: F32,
    dlib68: Dlib68,
    cnn68: Cnn68,
    mesh_to_68: MeshTo68,
) -> dict[str, F32]:
    """The 68 points (n, 68, 2) of each method, by its name in the stored results."""
    mesh_regions = regions_from_landmarks(Landmarks(MESH468, mesh))
    first_pass = _points(dlib68, faces, regions)
    return {
        "mesh, by the table": mesh_as_68(mesh),
        "mesh, corrected": mesh_to_68(mesh),
        "cnn68": np.concatenate(
            [
                cnn68.from_mesh(face.picture, Landmarks(MESH468, mesh[i : i + 1])).points
                for i, face in enumerate(faces)
            ]
        ),
        "dlib68": first_pass,
        "dlib68, two looks": _points(dlib68, faces, regions_from_points(first_pass)),
        "dlib68 by the mesh": _points(dlib68, faces, mesh_regions),
    }


def _points(landmarker: Landmarker, faces: Sequence[LabelledFace], regions: F32) -> F32:
    points = [
        landmarker(face.picture, region[None])[0].points
        for face, region in zip(faces, regions, strict=True)
    ]
    return np.concatenate(points)


def _metrics(points: F32, truth: F32) -> dict[str, Any]:
    metrics = score(points, truth)
    return {
        "faces": metrics.faces,
        "mean": metrics.mean.rounded(),
        "median": metrics.median,
        "inner": metrics.inner,
        "auc": metrics.auc,
        "failed": metrics.failed,
    }


def _measure_speed(
    face: LabelledFace, dlib68: Dlib68, cnn68: Cnn68, mesh_to_68: MeshTo68
) -> dict[str, float]:
    """Median milliseconds per face and method in one thread, cropping included."""
    mesh, region = FaceStreamMesh(), regions_from_points(face.points[None])
    landmarks, _ = mesh(face.picture, region)
    methods: dict[str, Callable[[], Any]] = {
        "mesh": lambda: mesh(face.picture, region),
        "mesh as 68, corrected": lambda: mesh_to_68(landmarks.points),
        "cnn68": lambda: cnn68.from_mesh(face.picture, landmarks),
        "dlib68": lambda: dlib68(face.picture, region),
    }
    return {name: _median_ms(call) for name, call in methods.items()}


def _median_ms(call: Callable[[], Any]) -> float:
    times_ms = []
    for _ in range(WARM_UP + RUNS):
        start = time.perf_counter_ns()
        call()
        times_ms.append((time.perf_counter_ns() - start) / 1e6)
    return round(float(np.median(times_ms[WARM_UP:])), 3)


def report(results: dict[str, Any]) -> list[str]:
    """Format the results as titles and tables, one string each."""
    rows = [
        {
            "landmarks": display_name(row["landmarks"]),
            "boxes": display_name(row["from"]),
            "not detected": row["missed"],
            "mean error": "{value:.4f} [{interval[0]:.4f}, {interval[1]:.4f}]".format(
                **row["mean"]
            ),
            "median": f"{row['median']:.4f}",
            "without jaw": f"{row['inner']:.4f}",
            f"AUC at {LIMIT}": f"{row['auc']:.3f}",
            f"over {LIMIT}": f"{row['failed']:.1%}",
        }
        for row in results["rows"]
    ]
    times = [
        {"landmarks": display_name(name), "ms per face": f"{ms:.3f}"}
        for name, ms in results["milliseconds_per_face"].items()
    ]
    title = "landmarks, helen test, errors / distance between outer eye corners"
    return [title, table(rows), table(times)]
