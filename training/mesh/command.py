"""`python -m training mesh`: distil MediaPipe's mesh into a smaller network, export it."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import keras
import numpy as np

from realtime.core.faces import F32
from realtime.landmark.facestream_mesh import NAME
from training.export import measure, to_litert, write_folder
from training.fit import FitConfig, Resume, fit
from training.mesh.batches import MeshBatches
from training.mesh.card import mesh_card
from training.mesh.evaluate import evaluate
from training.mesh.loss import mesh_loss
from training.mesh.network import MeshSpec, build, start_from_shapes
from training.mesh.presence import calibrate_presence
from training.mesh.read import read_all
from training.plots import plot_curves
from training.report import write_json
from training.teachers import start_from

VALIDATION_BATCHES, CALIBRATION_BATCHES, SHAPES = 20, 60, 1500
LIMITS = (
    "Learned from MediaPipe's mesh, and so knows no more of a face than that does.",
    "Below a mask or a hand, the points are a guess from the rest of the face.",
    "Trained on mostly frontal web pictures: expect errors beyond about 60 degrees of turn.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshConfig:
    """Settings of a run.

    Attributes:
        network: the architecture.
        fit: optimizer and schedule.
        zoom: side of a face's region over that of the part that the network sees.
        batches: batches an epoch.
        start: run or model folder with the initial weights; None for new ones.
    """

    network: MeshSpec = field(default_factory=MeshSpec)
    fit: FitConfig = field(
        default_factory=lambda: FitConfig(
            epochs=100,
            batch=64,
            rate=2e-3,
            decay=1e-2,
            ema=0.995,
            plateau=1000,  # the cosine alone: its end is planned
            patience=1000,
            precision="float32",
        )
    )
    zoom: float = 1.2
    batches: int = 100
    start: str | None = None


def add_arguments(parser: argparse.ArgumentParser, _: str) -> None:
    """Add the options of `training mesh`."""
    parser.add_argument(
        "--batches", type=int, metavar="N", help="batches an epoch (default: 100 of 64 crops)"
    )
    parser.add_argument("--rate", type=float, metavar="R", help="peak learning rate")
    parser.add_argument(
        "--start", metavar="RUN", help="run or model folder with the initial weights"
    )
    parser.add_argument(
        "--resume", action="store_true", help="resume after the last epoch in the run folder"
    )
    parser.add_argument(
        "--export", type=Path, metavar="DIR", help="write the model folder to DIR/mesh"
    )


def run(options: argparse.Namespace) -> str:
    """Train, export and evaluate the mesh; returns the report as text."""
    default = MeshConfig()
    chosen = {k: getattr(options, k) for k in ("batches", "start") if getattr(options, k)}
    fit_config = replace(
        default.fit,
        epochs=options.epochs or default.fit.epochs,
        seed=options.seed,
        rate=options.rate or default.fit.rate,
    )
    config = replace(default, fit=fit_config, **chosen)
    folder: Path = options.out or Path("runs/mesh")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", {"task": NAME, **asdict(config)})
    faces, backgrounds = read_all(options.data, seed=options.seed, limit=options.limit)

    def batches(count: int, *, first_epoch: int = 0, held_out: bool = False) -> MeshBatches:
        return MeshBatches(
            faces,
            backgrounds,
            side_px=config.network.side_px,
            zoom=config.zoom,
            batch=config.fit.batch,
            batches=count,
            seed=config.fit.seed,
            first_epoch=first_epoch,
            held_out=held_out,
        )

    count = max(VALIDATION_BATCHES, CALIBRATION_BATCHES)
    held_out = batches(count, held_out=True)
    pairs = [held_out[i] for i in range(count)]
    crops, truth = (np.concatenate(column) for column in zip(*pairs, strict=True))
    validation = slice(VALIDATION_BATCHES * config.fit.batch)
    state = Resume.read(folder) if options.resume else None
    first = 0 if state is None else len(state.history)
    train = batches(config.batches, first_epoch=first)
    model = _network(config, train, crops[validation], fresh=state is None)
    pair = (crops[validation], truth[validation])
    history = fit(model, train, pair, config.fit, folder, state=state, loss=mesh_loss())
    shift = calibrate_presence(model, crops, truth)
    print(f"{shift:.2f} taken off the logit of presence", flush=True)
    counts = {f.name: len(f) for f in faces} | {"backgrounds": len(backgrounds)}
    return _export(options, config, model, history, counts, (crops, truth))


def _network(config: MeshConfig, train: MeshBatches, crops: F32, *, fresh: bool) -> keras.Model:
    keras.utils.set_random_seed(config.fit.seed)
    model = build(config.network)
    if fresh and config.start:
        some = crops.astype(np.uint8)
        start_from(model, Path(config.start), lambda: build(config.network), some)
    elif fresh:
        explained = start_from_shapes(model, train.shapes(SHAPES))
        print(f"{config.network.latent} components explain {explained:.2%}", flush=True)
    return model


def _export(
    options: argparse.Namespace,
    config: MeshConfig,
    model: keras.Model,
    history: list[dict[str, float]],
    counts: dict[str, int],
    held_out: tuple[F32, F32],
) -> str:
    """Write network, card and report."""
    folder: Path = options.out or Path("runs/mesh")
    path = folder / "model.tflite"
    to_litert(model, path, int8=True)  # a quarter of the time of float16, and as exact
    figures = evaluate(path, *held_out)
    training = {
        "seed": config.fit.seed,
        "epochs": len(history),
        "crops": len(history) * config.batches * config.fit.batch,
        "parameters": int(model.count_params()),
        "faces": counts,
    }
    card = mesh_card(
        _command(options, config),
        training,
        {"held_out": figures},
        measure(path).table(),
        LIMITS,
        side_px=config.network.side_px,
        zoom=config.zoom,
    )
    write_folder((options.export or folder / "models") / NAME, path, card["labels"], card)
    plot_curves(history, folder / "curves.png", keys=("loss",))
    lines = [f"{key}: {value}" for key, value in figures.items()]
    lines.append(f"{path.stat().st_size / 1e6:.2f} MB")
    (folder / "report.md").write_text("\n".join(["# Mesh", "", *lines, ""]), encoding="utf-8")
    return "\n".join(lines)


def _command(options: argparse.Namespace, config: MeshConfig) -> str:
    """The command that trains the model, without paths of this machine."""
    arguments = ["mesh", "--epochs", str(config.fit.epochs)]
    given = {
        "batches": options.batches,
        "rate": options.rate,
        "start": options.start,
        "limit": options.limit,
        "seed": options.seed or None,
    }
    for name, value in given.items():
        arguments += [f"--{name}", str(value)] if value is not None else []
    return shlex.join(["python", "-m", "training", *arguments])
