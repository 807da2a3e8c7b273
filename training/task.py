"""What a training task is, and the steps that all share: fit, calibrate, export, judge, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.batches import Batches
from training.calibration import temperature, tempered
from training.certainty import Held, find_certainty
from training.crops import CropSpec
from training.export import measure, to_litert, write_folder
from training.fit import Resume, fit
from training.networks import build
from training.report import Evaluation, write_json, write_report
from training.teachers import load_weights
from training.verdict import Certainty, Verdict

History = list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to train.

    Every function takes the settings that `configure` gave, a dataclass with `fit`, a FitConfig,
    `network`, a NetworkSpec, `start`, a run folder whose weights are the first, and `offset`, added
    to the last layer's bias once it is fitted.

    Attributes:
        name: the command's word and the model's folder.
        title: what the network answers, for the card.
        labels: in the order of its probabilities.
        crops: how its crops are cut.
        configure: settings for a number of epochs (None for the usual) and a seed.
        batches: what it learns from; takes the data folder, settings, `limit` and `first_epoch`.
        validation: what epochs are chosen and answers calibrated by.
        judge: measures an exported network on faces that it never saw.
        sets: the names and terms of the training sets.
        risk: the share of wrong answers that is allowed among those shown as sure.
        masked_risk: the same for masked faces, where the answer can be spoilt by a mask.
        limits: what the network is not good for.
    """

    name: str
    title: str
    labels: Sequence[str]
    crops: Callable[[Any], CropSpec]
    configure: Callable[[int | None, int], Any]
    batches: Callable[..., Batches]
    validation: Callable[..., Held]
    judge: Callable[..., Verdict]
    sets: Callable[[Any], Sequence[Mapping[str, str]]]
    risk: float
    masked_risk: float | None = None
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
    """Train, calibrate, export, judge and report.

    Args:
        task: what to train.
        data: the folder of zipped sets.
        folder: the run folder, made where missing.
        config: the settings, from the task's `configure`.
        command: the command that makes this model, for the card.
        resume: go on from the state in the run folder, where there is one.
        limit: at most that many pictures of each set, for a quick trial.
        ship: where to write the model's folder; by default `models` in the run folder.

    Returns:
        What the exported network is worth.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", {"task": task.name, "limit": limit, **asdict(config)})
    held = task.validation(data, config, limit=limit)
    history = train(task, data, folder, config, held, resume=resume, limit=limit)
    model, heat = calibrated(folder, config, held)
    path = folder / "model.tflite"
    to_litert(model, path, int8=True)  # the best point of `python -m training compress`
    network = LiteRTModel(path)
    certainty = find_certainty(network, held, risk=task.risk, masked_risk=task.masked_risk)
    verdict = task.judge(
        network, task.crops(config), data, config=config, unsure=certainty.unsure, limit=limit
    )
    speed = measure(path)
    size = path.stat().st_size
    names = [s["name"] for s in task.sets(config)]
    card = {
        "task": task.title,
        "labels": list(task.labels),
        "limits": list(task.limits),
        "input": _input(task.crops(config)),
        "unsure": certainty.thresholds(),
        "training": {
            "command": command,
            "seed": config.fit.seed,
            "epochs": len(history),
            "parameters": int(model.count_params()),
            "temperature": round(heat, 4),
            "weights": "int8 by channel; activations are rounded to int8 while it runs",
            "sets": names,
            "terms": [f"{s['name']}: {s['terms']}" for s in task.sets(config)],
        },
        "speed": speed.table(),
        "metrics": verdict.metrics,
    }
    write_folder((ship or folder / "models") / task.name, path, task.labels, card)
    tables = {"speed": speed.table(), "unsure": certainty.thresholds()}
    write_json(folder / "metrics.json", {"metrics": verdict.metrics, **tables})
    write_report(
        folder,
        title=task.title,
        command=command,
        config=asdict(config),
        history=history,
        evaluations=[_validation(certainty, task.labels, heat), *verdict.evaluations],
        facts={"bytes": size, "temperature": heat, "learned from": ", ".join(names)}
        | speed.table()
        | {f"unsure: {k}": v for k, v in certainty.thresholds().items()},
        tables=certainty.tables(),
    )
    verdict.lines.append(
        f"{size / 1e6:.2f} MB, {speed.batch_1_ms:.3f} ms a face alone, "
        f"{speed.batch_8_ms:.3f} ms in batches of 8, one thread of {speed.cpu}"
    )
    return verdict


def train(
    task: Task,
    data: Path,
    folder: Path,
    config: Any,
    held: Held,
    *,
    resume: bool,
    limit: int | None,
) -> History:
    """Fit the network and leave its best weights in `folder`; a row of figures an epoch."""
    keras.utils.set_random_seed(config.fit.seed)
    state = Resume.read(folder) if resume else None
    history = [] if state is None else state.history
    if len(history) >= config.fit.epochs and (folder / "best.weights.h5").is_file():
        return history
    batches = task.batches(data, config, limit=limit, first_epoch=len(history))
    keras.config.set_dtype_policy(config.fit.precision)
    model = build(config.network)
    keras.config.set_dtype_policy("float32")
    if config.start and state is None:
        load_weights(model, Path(config.start))
    expected = np.eye(len(task.labels), dtype=np.float32)[held.truth]
    shown = (held.crops.astype(np.float32), expected)
    return fit(model, batches, shown, config.fit, folder, state=state)


def calibrated(folder: Path, config: Any, held: Held) -> tuple[keras.Model, float]:
    """The run's network, in float32, whose probabilities fit the validation faces, and how.

    The offset of the settings and one temperature, found here, go into the last layer, so that
    whoever runs the network needs to know nothing of them.

    Returns:
        The network and the temperature.
    """
    model = build(config.network)
    load_weights(model, folder)
    rescale(model, config.offset, 1.0)
    prob: F32 = model.predict(held.crops.astype(np.float32), batch_size=256, verbose=0)
    heat = temperature(prob, held.truth)
    rescale(model, (), heat)
    return model, heat


def rescale(model: keras.Model, offset: Sequence[float], heat: float) -> None:
    """Add to the logits, then divide them, within the last dense layer."""
    dense = model.layers[-2]
    kernel, bias = (np.array(w) for w in dense.get_weights())
    if len(offset):
        bias = bias + np.array(offset, np.float32)
    dense.set_weights([kernel / heat, bias / heat])


def _validation(certainty: Certainty, labels: Sequence[str], heat: float) -> Evaluation:
    """The validation faces as an evaluation, with what calibration changed."""
    before = tempered(certainty.prob, 1 / heat)
    return Evaluation(
        "validation",
        "as in training; epoch, temperature and thresholds were chosen on these faces",
        labels,
        certainty.truth,
        certainty.prob,
        raw=before,
        threshold=certainty.unsure.confidence,
    )


def _input(spec: CropSpec) -> dict[str, Any]:
    """The card's table of how crops are cut."""
    return {
        "side_px": spec.side_px,
        "channels": 1 if spec.gray else 3,
        "zoom": spec.zoom,
        "order": "gray" if spec.gray else "BGR",
        "preprocessing": "float32 pixels 0..255 of crops cut by realtime.landmark.align "
        "through five points of the face mesh; each crop's mean and spread are taken out "
        "inside the network",
    }
