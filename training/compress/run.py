"""Compare all compressed variants of a finished run and recommend one to ship."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.calibrated import calibrated
from training.compress.choice import explain, recommended
from training.compress.faces import RunFaces, read_faces
from training.compress.metrics import Row, evaluate_variants
from training.compress.plot import plot_compression
from training.compress.settings import read_settings
from training.compress.timing import time_interleaved
from training.compress.variants import VARIANTS, Source, build_variant
from training.export import cpu_name
from training.report import ranged, table, write_json
from training.task import Task

ROUNDS = 150


def compress(
    task: Task, run: Path, data: Path, out: Path, *, epochs: int, limit: int | None = None
) -> list[str]:
    """Compress the network of a run; variants finished by an earlier call are reused.

    Args:
        task: the run's task.
        run: the run folder.
        data: the folder of zipped sets.
        out: output folder for the networks, `table.md`, `table.json` and `compression.png`.
        epochs: epochs of fine-tuning.
        limit: maximum number of pictures per set, for a trial.

    Returns:
        Lines to print: the tables, and the recommendation with its reasons.
    """
    config = read_settings(task, run)
    faces = read_faces(task, data, config, limit)
    return compare(task.labels, run, config, faces, out, epochs=epochs)


def compare(
    labels: Sequence[str],
    run: Path,
    config: Any,
    faces: RunFaces,
    out: Path,
    *,
    epochs: int,
    rounds: int = ROUNDS,
) -> list[str]:
    """Like `compress`, with settings and faces already read, and a number of timing rounds."""
    out.mkdir(parents=True, exist_ok=True)
    record_settings(out, {"run": str(run), "epochs": epochs, "faces": len(faces.held.truth)})
    model, _ = calibrated(run, config, faces.held)
    source = Source(run, config, model, faces, epochs)
    paths = {name: build_variant(name, source, out) for name in VARIANTS}
    facts = {name: json.loads((out / f"{name}.json").read_text("utf-8")) for name in VARIANTS}
    timings = time_interleaved(paths, reference="float16", rounds=rounds)
    sets = {"validation": faces.validation, "test": faces.test}
    rows = evaluate_variants(paths, sets, labels, timings, facts)
    header = {"run": str(run), "epochs": epochs, "cpu": cpu_name(), "rounds": rounds}
    lines = explain(rows)
    name = recommended(rows)["name"]
    write_json(out / "table.json", header | {"recommended": name, "rows": rows})
    title = f"{run.name}: {epochs} epochs of fine-tuning, one thread of {cpu_name()}."
    text = as_markdown(rows, title)
    (out / "table.md").write_text(f"{text}\n\n{_bullets(lines)}\n", encoding="utf-8")
    plot_compression(rows, f"{run.name} compressed", out / "compression.png")
    return [text, "", *lines]


def record_settings(out: Path, settings: dict[str, Any]) -> None:
    """Record the settings of the networks in a folder.

    Raises:
        ValueError: the folder contains networks made with different settings.
    """
    path = out / "settings.json"
    if path.is_file() and json.loads(path.read_text("utf-8")) != settings:
        raise ValueError(
            f"{out} contains networks made with different settings: choose another --out."
        )
    write_json(path, settings)


def as_markdown(rows: Sequence[Row], title: str) -> str:
    """Tables of size and latency, and of accuracy on each set."""
    costs = [
        {
            "network": row["name"],
            "kB": round(row["bytes"] / 1e3),
            "gzip kB": round(row["gzip_bytes"] / 1e3),
            "ms per face, batch 1": f"{row['ms_batch_1']:.3f}",
            "relative to float16": f"{row['ratio_batch_1']:.2f}",
            "ms per face, batch 8": f"{row['ms_batch_8']:.3f}",
            "relative to float16, batch 8": f"{row['ratio_batch_8']:.2f}",
        }
        for row in rows
    ]
    parts = [title, table(costs)]
    for kind in ("validation", "test"):
        accuracies = [
            {
                "network": row["name"],
                "accuracy": ranged(row[kind]["accuracy"]),
                "change, points": ranged(row[kind]["gain"], scale=100, sign="+", digits=2),
                "macro-F1": ranged(row[kind]["macro_f1"]),
                "calibration error": ranged(row[kind]["calibration_error"]),
                "unchanged predictions": f"{row[kind]['same_answers']:.1%}",
            }
            for row in rows
        ]
        count = rows[0][kind]["n"]
        parts += [f"{count} {kind} faces, with 95 % bootstrap intervals:", table(accuracies)]
    return "\n\n".join(parts)


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
