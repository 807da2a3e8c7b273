"""The steps that all classifier tasks share: fit, calibrate, export, evaluate, report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from realtime.inference.litert import LiteRTModel
from training.calibrated import calibrated
from training.calibration import apply_temperature
from training.card import network_card, record_sets, recorded_sets
from training.certainty import ValidationFaces, find_thresholds
from training.export import measure, to_litert, write_folder
from training.fit import Resume, fit
from training.networks import build
from training.report import Evaluation, write_json, write_report
from training.results import Certainty, Results
from training.task import Task, TaskConfig
from training.teachers import start_from

History = list[dict[str, float]]


def run(
    task: Task,
    data: Path,
    folder: Path,
    config: TaskConfig,
    *,
    command: str,
    resume: bool,
    limit: int | None,
    ship: Path | None,
) -> Results:
    """Train, calibrate, export, evaluate and report.

    Args:
        task: what to train.
        data: folder with the data sets.
        folder: run folder; created if missing.
        config: settings from the task's `configure`.
        command: command line that reproduces the model, for the card.
        resume: continue from the saved state in the run folder, if there is one.
        limit: maximum number of pictures per set, for a trial run.
        ship: folder for the model's folder; defaults to `models` in the run folder.

    Returns:
        Test results of the exported network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", {"task": task.name, "limit": limit, **asdict(config)})
    validation = task.validation(data, config, limit=limit)
    history = train(task, data, folder, config, validation, resume=resume, limit=limit)
    model, calibration = calibrated(folder, config, validation)
    path = folder / "model.tflite"
    to_litert(model, path, int8=True)  # the best trade-off found by `python -m training compress`
    network = LiteRTModel(path)
    certainty = find_thresholds(network, validation, risk=task.risk, masked_risk=task.masked_risk)
    spec = task.crops(config)
    results = task.evaluate(
        network, spec, data, config=config, unsure=certainty.unsure, limit=limit
    )
    speed = measure(path)
    size = path.stat().st_size
    sets = recorded_sets(folder) or task.sets(data, config, limit=limit)
    card = network_card(
        task.title,
        task.labels,
        limits=task.limits,
        spec=spec,
        unsure=certainty.thresholds(),
        training={
            "command": command,
            "seed": config.fit.seed,
            "epochs": len(history),
            "parameters": int(model.count_params()),
            **calibration.table(task.labels),
        },
        sets=sets,
        speed=speed.table(),
        metrics=results.metrics,
    )
    write_folder((ship or folder / "models") / task.name, path, task.labels, card)
    tables = {"speed": speed.table(), "unsure": certainty.thresholds()}
    write_json(folder / "metrics.json", {"metrics": results.metrics, **tables})
    write_report(
        folder,
        title=task.title,
        command=command,
        config=asdict(config),
        history=history,
        evaluations=[
            _validation_results(certainty, task.labels, calibration.temperature),
            *results.evaluations,
        ],
        facts={
            "bytes": size,
            **calibration.table(task.labels),
            "training sets": ", ".join(s.name for s in sets),
        }
        | speed.table()
        | {f"unsure: {k}": v for k, v in certainty.thresholds().items()},
        tables=certainty.tables(),
    )
    results.lines.append(
        f"{size / 1e6:.2f} MB; {speed.batch_1_ms:.3f} ms per face in batches of 1, "
        f"{speed.batch_8_ms:.3f} ms in batches of 8 (1 thread, {speed.cpu})"
    )
    return results


def train(
    task: Task,
    data: Path,
    folder: Path,
    config: TaskConfig,
    validation: ValidationFaces,
    *,
    resume: bool,
    limit: int | None,
) -> History:
    """Fit the network and save its best weights in `folder`.

    Returns:
        One row of metrics per epoch.
    """
    keras.utils.set_random_seed(config.fit.seed)
    state = Resume.read(folder) if resume else None
    history = [] if state is None else state.history
    if len(history) >= config.fit.epochs and (folder / "best.weights.h5").is_file():
        return history
    batches = task.batches(data, config, limit=limit, first_epoch=len(history))
    earlier = [folder] if state is not None else [Path(config.start)] if config.start else []
    record_sets(folder, task.sets(data, config, limit=limit), earlier=earlier)
    keras.config.set_dtype_policy(config.fit.precision)
    model = build(config.network)
    keras.config.set_dtype_policy("float32")
    if config.start and state is None:
        start_from(model, Path(config.start), lambda: build(config.network), validation.crops)
    one_hot = np.eye(len(task.labels), dtype=np.float32)[validation.truth]
    pair = (validation.crops.astype(np.float32), one_hot)
    return fit(model, batches, pair, config.fit, folder, state=state)


def _validation_results(
    certainty: Certainty, labels: Sequence[str], temperature: float
) -> Evaluation:
    """The answers on the validation faces, before and after calibration."""
    return Evaluation(
        "validation",
        "as in training; epoch, temperature and thresholds were chosen on these faces",
        labels,
        certainty.truth,
        certainty.prob,
        raw=apply_temperature(certainty.prob, 1 / temperature),
        threshold=certainty.unsure.confidence,
    )
