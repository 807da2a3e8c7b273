"""Compress a finished run in every way, and write what each is worth and which to ship."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.compress.choice import reasons, recommended
from training.compress.faces import Faces, read_faces
from training.compress.plot import plot_compression
from training.compress.points import POINTS, Source, make
from training.compress.settings import read_settings
from training.compress.timing import interleaved
from training.compress.worth import Row, measured
from training.export import cpu_name
from training.report import ranged, table, write_json
from training.steps import calibrated
from training.task import Task

ROUNDS = 150


def compress(
    task: Task, run: Path, data: Path, out: Path, *, epochs: int, limit: int | None = None
) -> list[str]:
    """Compress the network of a run folder; what an earlier call finished is kept.

    Args:
        task: the run's task.
        run: the run folder.
        data: the folder of zipped sets.
        out: where the networks, `table.md`, `table.json` and `compression.png` go.
        epochs: how long each changed network is tuned.
        limit: at most that many pictures of each set, for a trial.

    Returns:
        Sentences to print: what is recommended and why.
    """
    config = read_settings(task, run)
    faces = read_faces(task, data, config, limit)
    return compare(task.labels, run, config, faces, out, epochs=epochs)


def compare(
    labels: Sequence[str],
    run: Path,
    config: Any,
    faces: Faces,
    out: Path,
    *,
    epochs: int,
    rounds: int = ROUNDS,
) -> list[str]:
    """As `compress`, with settings and faces that are read already; `rounds` of timing."""
    out.mkdir(parents=True, exist_ok=True)
    keep_settings(out, {"run": str(run), "epochs": epochs, "faces": len(faces.held.truth)})
    model, _ = calibrated(run, config, faces.held)
    source = Source(run, config, model, faces, epochs)
    paths = {name: make(name, source, out) for name in POINTS}
    facts = {name: json.loads((out / f"{name}.json").read_text("utf-8")) for name in POINTS}
    timings = interleaved(paths, against="float16", rounds=rounds)
    shown = {"validation": faces.validation, "test": faces.test}
    rows = measured(paths, shown, labels, timings, facts)
    told = {"run": str(run), "epochs": epochs, "cpu": cpu_name(), "rounds": rounds}
    lines = reasons(rows)
    write_json(out / "table.json", told | {"recommended": recommended(rows)["name"], "rows": rows})
    text = as_markdown(rows, f"{run.name}: {epochs} epochs of tuning, one thread of {cpu_name()}.")
    (out / "table.md").write_text(f"{text}\n\n{_listed(lines)}\n", encoding="utf-8")
    plot_compression(rows, f"{run.name} compressed", out / "compression.png")
    return [text, "", *lines]


def keep_settings(out: Path, settings: dict[str, Any]) -> None:
    """Write what the networks in a folder are made with.

    Raises:
        ValueError: the folder holds networks that were made with other settings.
    """
    path = out / "settings.json"
    if path.is_file() and json.loads(path.read_text("utf-8")) != settings:
        raise ValueError(f"{out} holds networks made with other settings; give another --out.")
    write_json(path, settings)


def as_markdown(rows: Sequence[Row], head: str) -> str:
    """The figures as two tables: size and speed, and what the answers are worth."""
    costs = [
        {
            "network": row["name"],
            "kB": round(row["bytes"] / 1e3),
            "gzip kB": round(row["gzip_bytes"] / 1e3),
            "ms a face, alone": f"{row['ms_batch_1']:.3f}",
            "of float16": f"{row['ratio_batch_1']:.2f}",
            "in batches of 8": f"{row['ms_batch_8']:.3f}",
            "of float16 in these": f"{row['ratio_batch_8']:.2f}",
        }
        for row in rows
    ]
    parts = [head, table(costs)]
    for kind in ("validation", "test"):
        worth = [
            {
                "network": row["name"],
                "accuracy": ranged(row[kind]["accuracy"]),
                "change in points": ranged(row[kind]["gain"], scale=100, sign="+", digits=2),
                "macro-F1": ranged(row[kind]["macro_f1"]),
                "calibration error": ranged(row[kind]["calibration_error"]),
                "same answers": f"{row[kind]['same_answers']:.1%}",
            }
            for row in rows
        ]
        count = rows[0][kind]["n"]
        parts += [f"On the {count} {kind} faces, with 95 % bootstrap intervals:", table(worth)]
    return "\n\n".join(parts)


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
