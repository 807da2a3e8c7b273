"""`python -m training detector`: settings from the command line, one run, its report."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.detector.batches import SceneBatches
from training.detector.examples import read
from training.detector.judge import Judgement, judge
from training.detector.loss import detection_loss
from training.detector.network import OUTPUTS, DetectorSpec, build
from training.export import to_litert, write_folder
from training.fit import FitConfig, Resume, fit
from training.plots import plot_curves
from training.report import write_json

TERMS = {
    "WIDER FACE train, 1,239 scenes": "CC BY-NC-ND 4.0",
    "mask_scenes train": "MIT or unstated repositories",
    "300-W train": "excludes commercial use",
    "scenes without faces": "course material",
}


@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """Settings of a detector run.

    Attributes:
        fit: how it is fitted.
        network: the network's shape.
        side_px: side of the square views it learns from; in use any size will do.
        batches: batches an epoch: views are drawn, there is no end of them.
        start: a run folder whose weights are the first; None begins at random.
    """

    fit: FitConfig = field(
        default_factory=lambda: FitConfig(
            epochs=60, batch=32, rate=2e-3, decay=2e-2, ema=0.998, patience=60, plateau=60,
            validation_batch=32,
        )
    )  # fmt: skip
    network: DetectorSpec = field(default_factory=DetectorSpec)
    side_px: int = 320
    batches: int = 120
    start: str | None = None


def add_arguments(parser: argparse.ArgumentParser, _: str) -> None:
    """The options of the detector's run."""
    parser.add_argument("--side-px", type=int, metavar="N", help="side of the views learned from")
    parser.add_argument("--batches", type=int, metavar="N", help="batches an epoch")
    parser.add_argument("--rate", type=float, metavar="R", help="the highest learning rate")
    parser.add_argument("--start", metavar="RUN", help="run folder whose weights are the first")
    parser.add_argument(
        "--resume", action="store_true", help="go on after the last epoch that the run folder holds"
    )
    parser.add_argument(
        "--export", type=Path, metavar="DIR", help="write the model's folder to DIR/detector"
    )


def run(options: argparse.Namespace) -> str:
    """Train, export, judge and report; the figures as lines."""
    usual = DetectorConfig()
    chosen = {
        k: getattr(options, k) for k in ("side_px", "batches", "start") if getattr(options, k)
    }
    epochs = options.epochs or usual.fit.epochs
    rate = options.rate or usual.fit.rate
    fitted = replace(usual.fit, epochs=epochs, seed=options.seed, rate=rate)
    config = replace(usual, fit=fitted, **chosen)
    folder = options.out or Path("runs/detector")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", {"task": "detector", **asdict(config)})
    history = train(options.data, folder, config, resume=options.resume, limit=options.limit)
    network = build(config.network)
    flat(network).load_weights(folder / "best.weights.h5")
    path = folder / "model.tflite"
    to_litert(network, path, int8=True)
    judged = judge(path, options.data, limit=options.limit)
    words = ["detector", "--epochs", str(epochs)]
    for key, value in chosen.items():
        words += [f"--{key.replace('_', '-')}", str(value)]
    if options.rate:
        words += ["--rate", str(options.rate)]
    if options.seed:
        words += ["--seed", str(options.seed)]
    command = shlex.join(["python", "-m", "training", *words])
    card = _card(config, command, len(history), int(network.count_params()), judged)
    write_folder((options.export or folder / "models") / "detector", path, ("face",), card)
    write_json(folder / "metrics.json", card["metrics"])
    plot_curves(history, folder / "curves.png", keys=("loss",))
    lines = [*judged.lines, f"{path.stat().st_size / 1e6:.2f} MB"]
    (folder / "report.md").write_text("\n".join(["# Detector", "", *lines, ""]), encoding="utf-8")
    return "\n".join(lines)


def train(
    data: Path, folder: Path, config: DetectorConfig, *, resume: bool, limit: int | None
) -> list[dict[str, float]]:
    """Fit the network and leave its best weights in `folder`; a row of figures an epoch."""
    keras.utils.set_random_seed(config.fit.seed)
    state = Resume.read(folder) if resume else None
    history = [] if state is None else state.history
    if len(history) >= config.fit.epochs and (folder / "best.weights.h5").is_file():
        return history
    sources = read(data, limit=limit)
    batches, held = (
        SceneBatches(
            sources,
            config.side_px,
            batch=config.fit.batch,
            batches=8 if held_out else config.batches,
            seed=config.fit.seed,
            first_epoch=0 if held_out else len(history),
            held=held_out,
        )
        for held_out in (False, True)
    )
    pairs = [held[i] for i in range(len(held))]
    validation = tuple(np.concatenate(column) for column in zip(*pairs, strict=True))
    keras.config.set_dtype_policy(config.fit.precision)
    model = flat(build(config.network, config.side_px, config.side_px))
    keras.config.set_dtype_policy("float32")
    if config.start and state is None:
        model.load_weights(Path(config.start) / "best.weights.h5")
    loss = detection_loss(config.side_px)
    return fit(model, batches, validation, config.fit, folder, state=state, loss=loss)


def flat(network: keras.Model) -> keras.Model:
    """The network with the cells of all strides in one row: (n, cells, 15)."""
    rows = [keras.layers.Reshape((-1, OUTPUTS), dtype="float32")(m) for m in network.outputs]
    joined = keras.layers.Concatenate(axis=1, dtype="float32")(rows)
    return keras.Model(network.input, joined)


def _card(
    config: DetectorConfig, command: str, epochs: int, parameters: int, judged: Judgement
) -> dict[str, Any]:
    return {
        "task": "detector: where the faces of a picture are, with five points each",
        "labels": ["face"],
        "limits": [
            "Learned from faces of 9 px and more; smaller ones are not found.",
            "Boxes follow the annotators of WIDER FACE: from the hair to the chin.",
            "Where no points were labelled it learned those of the face mesh.",
        ],
        "input": {
            "side_px": config.side_px,
            "channels": 3,
            "zoom": 1.0,
            "order": "BGR",
            "preprocessing": "float32 pixels 0..255; any height and width that are multiples of 32",
        },
        "training": {
            "command": command,
            "seed": config.fit.seed,
            "epochs": epochs,
            "views": epochs * config.batches * config.fit.batch,
            "parameters": parameters,
            "weights": "int8 by channel; activations are rounded to int8 while it runs",
            "sets": list(TERMS),
            "terms": [f"{name}: {terms}" for name, terms in TERMS.items()],
        },
        "metrics": judged.metrics,
    }
