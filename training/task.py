"""What a training task is, and the steps that all share: fit, export, judge, report, card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from realtime.litert import LiteRTModel
from training.crops import CropSpec
from training.export import measure, to_litert, write_folder
from training.networks import build
from training.report import plot_confusion, plot_curves, write_json


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an exported network is worth.

    Attributes:
        metrics: figures by evaluation set, as the card and the JSON write them.
        confusions: confusion matrices by evaluation set, rows are the truth.
        lines: the figures as sentences to print.
    """

    metrics: dict[str, Any]
    confusions: dict[str, NDArray[np.int64]]
    lines: list[str]


History = list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to train.

    Attributes:
        name: the command's word and the model's folder.
        title: what the network answers, for the card.
        labels: in the order of its probabilities.
        crops: how its crops are cut.
        configure: settings, a dataclass, for a number of epochs (None for the usual) and a seed.
        train: fits and returns the network with its best weights, and a row of figures an epoch;
            takes the data folder, run folder, settings, whether to resume, and a limit of pictures.
        judge: measures an exported network; takes it, the data folder and a limit.
        sets: the names and terms of the training sets of a run with these settings.
        limits: what the network is not good for.
    """

    name: str
    title: str
    labels: Sequence[str]
    crops: CropSpec
    configure: Callable[[int | None, int], Any]
    train: Callable[..., tuple[keras.Model, History]]
    judge: Callable[[LiteRTModel, Path, int | None], Verdict]
    sets: Callable[[Any], Sequence[Mapping[str, str]]]
    limits: Sequence[str] = field(default=())


def run(
    task: Task,
    data: Path,
    folder: Path,
    config: Any,
    *,
    command: str,
    resume: bool,
    limit: int | None,
    ship: Path | None,
) -> Verdict:
    """Train, export, judge and report.

    Args:
        task: what to train.
        data: the folder of zipped sets.
        folder: the run folder, made where missing.
        config: the settings, from the task's `configure`; `fit` and `network` are used here.
        command: the command that makes this model, for the card.
        resume: go on from the state in the run folder, where there is one.
        limit: at most that many pictures of each set, for a quick trial.
        ship: where to write the model's folder; by default `models` in the run folder.

    Returns:
        What the exported network is worth.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", {"task": task.name, "limit": limit, **asdict(config)})
    model, history = task.train(data, folder, config, resume=resume, limit=limit)
    plot_curves(history, folder / "curves.png")
    network = folder / "model.tflite"
    twin = build(config.network)  # in float32, whatever the training's precision
    twin.set_weights(model.get_weights())
    to_litert(twin, network)
    verdict = task.judge(LiteRTModel(network), data, limit)
    for name, matrix in verdict.confusions.items():
        plot_confusion(matrix, task.labels, name, folder / f"confusion-{name}.png")
    speed = measure(network)
    write_json(folder / "metrics.json", {"metrics": verdict.metrics, "speed": speed.table()})
    card = {
        "task": task.title,
        "labels": list(task.labels),
        "limits": list(task.limits),
        "input": {
            "side_px": task.crops.side_px,
            "channels": 1 if task.crops.gray else 3,
            "zoom": task.crops.zoom,
            "order": "gray" if task.crops.gray else "BGR",
            "preprocessing": "float32 pixels 0..255 of crops cut by realtime.landmark.align "
            "through five points of the face mesh; each crop's mean and spread are taken out "
            "inside the network",
        },
        "training": {
            "command": command,
            "seed": config.fit.seed,
            "epochs": len(history),
            "parameters": int(twin.count_params()),
            "weights": "float16, sums in float32",
            "sets": [s["name"] for s in task.sets(config)],
            "terms": [f"{s['name']}: {s['terms']}" for s in task.sets(config)],
        },
        "speed": speed.table(),
        "metrics": verdict.metrics,
    }
    write_folder((ship or folder / "models") / task.name, network, task.labels, card)
    verdict.lines.append(
        f"{network.stat().st_size / 1e6:.2f} MB, {speed.batch_1_ms:.3f} ms a face alone, "
        f"{speed.batch_8_ms:.3f} ms in batches of 8, one thread of {speed.cpu}"
    )
    return verdict
