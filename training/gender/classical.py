"""The classical model, from pictures to the shipped file: prepare, fit, save, evaluate, report."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from realtime.attribute.eigenfaces import FILE, EigenfaceClassifier, flatten, steps_of
from realtime.core.faces import F32
from training.card import TrainingSet, sets_table
from training.crops import CropSpec
from training.export import cpu_name, write_folder
from training.gender import eigenfaces
from training.gender.cnn import LIMITS, TASK
from training.gender.evaluate import results_of, tests_of
from training.gender.faces import read_faces
from training.gender.plots import plot_eigenfaces, plot_groups, plot_preparation, plot_variance
from training.gender.prepare import MIN_FACE_PX, SIDE_PX, SPEC, Prepared, prepare
from training.gender.sources import LABELS, Part, training_set
from training.report import write_json, write_report
from training.results import Results

NAME = "gender-svm"
TIMED_RUNS = 100
PARTS: tuple[Part, ...] = ("train", "val", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a run.

    Attributes:
        seed: random seed.
        searched: number of training faces used for the grid search.
    """

    seed: int = 0
    searched: int = eigenfaces.SEARCH_FACES


def run(
    data: Path,
    folder: Path,
    *,
    command: str,
    limit: int | None = None,
    ship: Path | None = None,
    settings: Settings | None = None,
) -> Results:
    """Train, save, evaluate and report.

    Args:
        data: see `training.gender.sources.source`.
        folder: run folder; created if missing.
        command: command line that reproduces the model, for the card.
        limit: maximum number of pictures per part.
        ship: folder for the model's folder; defaults to `models` in the run folder.
        settings: defaults to `Settings()`.

    Returns:
        Test results.

    Raises:
        DataError: the data is missing.
    """
    settings = settings or Settings()
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Prepared] = {part: prepare(data, part, limit=limit) for part in PARTS}
    plot_preparation(parts, folder / "preparation.png")
    train, validation = parts["train"], parts["val"]
    search = eigenfaces.search(
        train.vectors(), train.label, faces=settings.searched, seed=settings.seed
    )
    print(f"best of {len(search.rows)} settings: {dict(search.best)}", flush=True)
    classifier = eigenfaces.train(train, validation, search.best)
    target = (ship or folder / "models") / NAME
    stored = folder / FILE
    eigenfaces.save(classifier, stored)
    mean, faces, share = eigenfaces.components(classifier)
    plot_eigenfaces(mean, faces, folder / "eigenfaces.png")
    plot_variance(share, folder / "variance.png")
    results = evaluate(classifier, data, limit=limit)
    steps = steps_of(classifier)
    facts = {
        "eigenfaces": len(faces),
        "variance explained": round(float(share.sum()), 4),
        "kernel": steps["svm"].kernel,
        "C": float(steps["svm"].C),
        "gamma": float(steps["svm"].gamma) if steps["svm"].kernel == "rbf" else "none",
        "support vectors": int(steps["svm"].n_support_.sum()),
        "training faces, each also mirrored": len(train.label),
    }
    card = _card(command, settings, facts, results, training_set(data))
    write_folder(target, stored, LABELS, card, file=FILE)
    speed = measure(target)
    write_folder(target, stored, LABELS, {**card, "speed": speed}, file=FILE)
    write_json(folder / "metrics.json", {"metrics": results.metrics, "speed": speed})
    for name, metrics in results.metrics.items():
        if "groups" in metrics:
            plot_groups(metrics["groups"], f"{NAME}: {name}", folder / f"groups-{name}.png")
    write_report(
        folder,
        title="Gender by eigenfaces and a support vector machine",
        command=command,
        config={"seed": settings.seed, "searched": settings.searched},
        history=(),
        evaluations=results.evaluations,
        facts={**facts, **speed, "bytes": stored.stat().st_size},
        tables={
            **{f"Preparation, {part}": p.counts() for part, p in parts.items()},
            "Grid search": search.rows,
        },
    )
    write_missed(parts, folder / "missed.txt")
    results.lines.append(
        f"{stored.stat().st_size / 1e6:.2f} MB, {speed['milliseconds_per_face']:.2f} ms per face "
        f"(1 thread, {speed['cpu']})"
    )
    return results


def evaluate(classifier: Any, data: Path, *, limit: int | None = None) -> Results:
    """Evaluate a classifier on the test sets, with faces detected and aligned by the pipeline."""
    spec = CropSpec(SIDE_PX, SPEC.zoom, gray=True)
    answers = []
    for part, name, truth_name in tests_of(data):
        faces = read_faces(data, part, spec, limit=limit)
        prob: F32 = np.zeros((0, len(LABELS)), np.float32)
        if len(faces):
            prob = classifier.predict_proba(flatten(faces.crops)).astype(np.float32)
        answers.append((faces, prob, name, truth_name))
    return results_of(answers)


def measure(folder: Path) -> dict[str, Any]:
    """Time the model in `folder`: median milliseconds per face, one face at a time."""
    classifier = EigenfaceClassifier(folder.name, root=folder.parent)
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (200, 200, 3)).astype(np.uint8)
    five = np.array([[[80, 90], [120, 90], [100, 115], [85, 130], [115, 130]]], np.float32)
    times = []
    for _ in range(TIMED_RUNS):
        start = time.perf_counter_ns()
        classifier(picture, five)
        times.append((time.perf_counter_ns() - start) / 1e6)
    return {
        "cpu": cpu_name(),
        "threads": 1,
        "runs": TIMED_RUNS,
        "milliseconds_per_face": round(float(np.median(times)), 3),
        "covers": "crop, eigenface weights, reconstruction, and classification",
    }


def write_missed(parts: Mapping[str, Prepared], path: Path) -> None:
    """Write a list of the pictures without a detected face or with too small a face."""
    lines = []
    for part, prepared in parts.items():
        lines += [f"{part}\tmissed\t{face.path}" for face in prepared.missed]
        lines += [f"{part}\tunder {MIN_FACE_PX} px\t{face.path}" for face in prepared.small]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _card(
    command: str,
    settings: Settings,
    facts: Mapping[str, Any],
    results: Results,
    training_set: TrainingSet,
) -> dict[str, Any]:
    return {
        "task": f"{TASK.title}, by eigenfaces and a support vector machine",
        "labels": list(LABELS),
        "limits": list(LIMITS),
        "input": {
            "side_px": SIDE_PX,
            "channels": 1,
            "zoom": SPEC.zoom,
            "order": "gray",
            "preprocessing": "crops cut by realtime.landmark.align through five points of the face "
            "mesh, each crop's values scaled to 0..1 and flattened",
        },
        "training": {
            "command": command,
            "seed": settings.seed,
            **{key.replace(", ", "_").replace(" ", "_"): value for key, value in facts.items()},
            **sets_table([training_set]),
            "stored": f"skops; floats rounded to {eigenfaces.MANTISSA_BITS} bits of mantissa",
        },
        "metrics": results.metrics,
    }
