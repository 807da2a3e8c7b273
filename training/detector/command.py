"""`python -m training detector`: command-line options, the training run and its report."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import keras
import numpy as np

from training.detector.batches import SceneBatches
from training.detector.card import SETS_FILE, detector_card, recorded_sets, used_sets
from training.detector.evaluate import RULE, evaluate_network
from training.detector.examples import read_examples
from training.detector.loss import detection_loss
from training.detector.network import OUTPUTS, DetectorSpec, build
from training.export import to_litert, write_folder
from training.fit import FitConfig, Resume, fit
from training.plots import plot_curves
from training.report import write_json
from training.teachers import start_from

VALIDATION_BATCHES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorConfig:
    """Settings of a detector run.

    Attributes:
        fit: optimizer and schedule.
        network: the network's architecture.
        side_px: side of the square training views; the trained network takes any size.
        batches: batches per epoch; views are drawn at random, so any number works.
        start: run or model folder with the initial weights; None for random weights.
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
    """Add the options of `training detector`."""
    parser.add_argument("--side-px", type=int, metavar="N", help="side of the training views")
    parser.add_argument("--batches", type=int, metavar="N", help="batches per epoch")
    parser.add_argument("--rate", type=float, metavar="R", help="peak learning rate")
    parser.add_argument(
        "--start", metavar="RUN", help="run or model folder with the initial weights"
    )
    parser.add_argument(
        "--resume", action="store_true", help="resume after the last epoch in the run folder"
    )
    parser.add_argument(
        "--export", type=Path, metavar="DIR", help="write the model folder to DIR/detector"
    )


def run(options: argparse.Namespace) -> str:
    """Train, export and evaluate the detector, and write the report; returns it as text."""
    default = DetectorConfig()
    chosen = {
        k: getattr(options, k) for k in ("side_px", "batches", "start") if getattr(options, k)
    }
    epochs = options.epochs or default.fit.epochs
    rate = options.rate or default.fit.rate
    fit_config = replace(default.fit, epochs=epochs, seed=options.seed, rate=rate)
    config = replace(default, fit=fit_config, **chosen)
    folder = options.out or Path("runs/detector")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", {"task": "detector", **asdict(config)})
    history = train(options.data, folder, config, resume=options.resume, limit=options.limit)
    network = build(config.network)
    flat(network).load_weights(folder / "best.weights.h5")
    path = folder / "model.tflite"
    to_litert(network, path, int8=True)
    evaluation = evaluate_network(path, options.data, limit=options.limit)
    arguments = ["detector", "--epochs", str(epochs)]
    for key, value in chosen.items():
        arguments += [f"--{key.replace('_', '-')}", str(value)]
    if options.rate:
        arguments += ["--rate", str(options.rate)]
    if options.limit:
        arguments += ["--limit", str(options.limit)]
    if options.seed:
        arguments += ["--seed", str(options.seed)]
    command = shlex.join(["python", "-m", "training", *arguments])
    sets = recorded_sets(folder)
    if not sets:  # trained before the sets were recorded
        sets = used_sets(read_examples(options.data, limit=options.limit), config.start)
    training = {
        "seed": config.fit.seed,
        "epochs": len(history),
        "views": len(history) * config.batches * config.fit.batch,
        "parameters": int(network.count_params()),
    }
    card = detector_card(
        command, sets, training, evaluation.metrics, side_px=config.side_px, rule=RULE
    )
    write_folder((options.export or folder / "models") / "detector", path, ("face",), card)
    write_json(folder / "metrics.json", card["metrics"])
    plot_curves(history, folder / "curves.png", keys=("loss",))
    lines = [*evaluation.lines, f"{path.stat().st_size / 1e6:.2f} MB"]
    (folder / "report.md").write_text("\n".join(["# Detector", "", *lines, ""]), encoding="utf-8")
    return "\n".join(lines)


def train(
    data: Path, folder: Path, config: DetectorConfig, *, resume: bool, limit: int | None
) -> list[dict[str, float]]:
    """Fit the network and save its best weights in `folder`; returns one row per epoch."""
    keras.utils.set_random_seed(config.fit.seed)
    state = Resume.read(folder) if resume else None
    history = [] if state is None else state.history
    if len(history) >= config.fit.epochs and (folder / "best.weights.h5").is_file():
        return history
    sources = read_examples(data, limit=limit)
    write_json(folder / SETS_FILE, used_sets(sources, config.start))
    batches, validation_batches = (
        SceneBatches(
            sources,
            config.side_px,
            batch=config.fit.batch,
            batches=VALIDATION_BATCHES if held_out else config.batches,
            seed=config.fit.seed,
            first_epoch=0 if held_out else len(history),
            held_out=held_out,
        )
        for held_out in (False, True)
    )
    pairs = [validation_batches[i] for i in range(VALIDATION_BATCHES)]
    inputs, targets = (np.concatenate(column) for column in zip(*pairs, strict=True))
    keras.config.set_dtype_policy(config.fit.precision)
    model = flat(build(config.network, config.side_px, config.side_px))
    keras.config.set_dtype_policy("float32")
    if config.start and state is None:
        start_from(
            model,
            Path(config.start),
            lambda: flat(build(config.network, config.side_px, config.side_px)),
            inputs,
        )
    loss = detection_loss(config.side_px)
    return fit(model, batches, (inputs, targets), config.fit, folder, state=state, loss=loss)


def flat(network: keras.Model) -> keras.Model:
    """The network with its outputs of all strides concatenated: (n, cells, 15)."""
    rows = [keras.layers.Reshape((-1, OUTPUTS), dtype="float32")(m) for m in network.outputs]
    joined = keras.layers.Concatenate(axis=1, dtype="float32")(rows)
    return keras.Model(network.input, joined)
