"""The classical way from pictures to a shipped model: prepare, search, fit, save, judge, report."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from realtime.attribute.eigenfaces import FILE, EigenfaceClassifier, flatten, steps_of
from realtime.core.faces import F32
from training.crops import CropSpec
from training.export import cpu_name, write_folder
from training.gender import eigenfaces
from training.gender.cnn import LIMITS, TASK
from training.gender.evaluate import tests_of, verdict_of
from training.gender.faces import read_faces
from training.gender.plots import plot_eigenfaces, plot_groups, plot_preparation, plot_variance
from training.gender.prepare import LEAST_PX, SIDE_PX, SPEC, Prepared, prepare
from training.gender.sources import LABELS, Part, is_own, training_set
from training.report import write_json, write_report
from training.verdict import Verdict

NAME = "gender-svm"
TIMED = 100  # faces
PARTS: tuple[Part, ...] = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be chosen: the seed, and how many training faces the search looks at."""

    seed: int = 0
    searched: int = eigenfaces.SEARCHED


def run(
    data: Path,
    folder: Path,
    *,
    command: str,
    limit: int | None = None,
    ship: Path | None = None,
    settings: Settings | None = None,
) -> Verdict:
    """Make the model and its report.

    Args:
        data: the labelled pictures, see `training.gender.sources.source`.
        folder: the run folder.
        command: the command that makes this model, for the card.
        limit: at most that many pictures of each part.
        ship: where to write the model's folder; by default `models` in the run folder.
        settings: see there.

    Returns:
        What the model is worth, as it is read back from its file.
    """
    settings = settings or Settings()
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Prepared] = {part: prepare(data, part, limit=limit) for part in PARTS}
    plot_preparation(parts, folder / "preparation.png")
    train, held = parts["train"], parts["val"]
    found = eigenfaces.search(
        train.vectors(), train.label, faces=settings.searched, seed=settings.seed
    )
    print(f"best of {len(found.rows)} settings: {dict(found.best)}", flush=True)
    classifier = eigenfaces.train(train, held, found.best)
    target = (ship or folder / "models") / NAME
    stored = folder / FILE
    eigenfaces.save(classifier, stored)
    mean, faces, share = eigenfaces.components(classifier)
    plot_eigenfaces(mean, faces, folder / "eigenfaces.png")
    plot_variance(share, folder / "variance.png")
    verdict = judge(classifier, data, limit=limit)
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
    card = _card(command, settings, facts, verdict, training_set(own=is_own(data)))
    write_folder(target, stored, LABELS, card, file=FILE)
    speed = measure(target)
    write_folder(target, stored, LABELS, {**card, "speed": speed}, file=FILE)
    write_json(folder / "metrics.json", {"metrics": verdict.metrics, "speed": speed})
    for name, told in verdict.metrics.items():
        if "groups" in told:
            plot_groups(told["groups"], f"{NAME}: {name}", folder / f"groups-{name}.png")
    write_report(
        folder,
        title="Gender by eigenfaces and a support vector machine",
        command=command,
        config={"seed": settings.seed, "searched": settings.searched},
        history=(),
        evaluations=verdict.evaluations,
        facts={**facts, **speed, "bytes": stored.stat().st_size},
        tables={
            **{f"Preparation, {part}": p.counts() for part, p in parts.items()},
            "Grid search": found.rows,
        },
    )
    write_missed(parts, folder / "missed.txt")
    verdict.lines.append(
        f"{stored.stat().st_size / 1e6:.2f} MB, {speed['milliseconds_per_face']:.2f} ms a face, "
        f"one thread of {speed['cpu']}"
    )
    return verdict


def judge(classifier: Any, data: Path, *, limit: int | None = None) -> Verdict:
    """Figures on both test sets, every face found and aligned by the live code."""
    spec = CropSpec(SIDE_PX, SPEC.zoom, gray=True)
    answers = []
    for part, name, told in tests_of(data):
        shown = read_faces(data, part, spec, limit=limit)
        prob: F32 = np.zeros((0, len(LABELS)), np.float32)
        if len(shown):
            prob = classifier.predict_proba(flatten(shown.crops)).astype(np.float32)
        answers.append((shown, prob, name, told))
    return verdict_of(answers)


def measure(folder: Path) -> dict[str, Any]:
    """Median milliseconds a face, one at a time, of the model in this folder."""
    classifier = EigenfaceClassifier(folder.name, root=folder.parent)
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (200, 200, 3)).astype(np.uint8)
    five = np.array([[[80, 90], [120, 90], [100, 115], [85, 130], [115, 130]]], np.float32)
    times = []
    for _ in range(TIMED):
        start = time.perf_counter_ns()
        classifier(picture, five)
        times.append((time.perf_counter_ns() - start) / 1e6)
    return {
        "cpu": cpu_name(),
        "threads": 1,
        "runs": TIMED,
        "milliseconds_per_face": round(float(np.median(times)), 3),
        "covers": "crop, eigenface weights, face rebuilt from them, and answer",
    }


def write_missed(parts: Mapping[str, Prepared], path: Path) -> None:
    """List the pictures in which the cascade found no face, or too small a one."""
    lines = []
    for part, prepared in parts.items():
        lines += [f"{part}\tmissed\t{face.path}" for face in prepared.missed]
        lines += [f"{part}\tunder {LEAST_PX} px\t{face.path}" for face in prepared.small]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _card(
    command: str,
    settings: Settings,
    facts: Mapping[str, Any],
    verdict: Verdict,
    learned: Mapping[str, str],
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
            "mesh, each crop's values stretched to 0..1 and flattened",
        },
        "training": {
            "command": command,
            "seed": settings.seed,
            **{key.replace(", ", "_").replace(" ", "_"): value for key, value in facts.items()},
            "sets": [learned["name"]],
            "terms": [f"{learned['name']}: {learned['terms']}"],
            "stored": f"skops; fractions rounded to {eigenfaces.KEPT_BITS} bits",
        },
        "metrics": verdict.metrics,
    }
