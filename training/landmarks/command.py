"""`python -m training landmarks`: command-line options, and the steps to train both models."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from realtime.core.settings import AnalysisSettings
from realtime.landmark import dlib68, mesh68
from realtime.landmark.dlib68 import predictor_of
from realtime.landmark.mesh68 import MeshTo68
from training.data import Archive
from training.export import cpu_name, write_folder
from training.landmarks import correction, dlib_boxes
from training.landmarks.card import LABELS, correction_card, score_table, trees_card
from training.landmarks.errors import score
from training.landmarks.examples import make_examples
from training.landmarks.faces import SPLITS, Split, read_faces
from training.landmarks.mean_face import mean_face
from training.landmarks.regions import SOURCES, detect_regions, error_table
from training.landmarks.search import SEARCH, STEP, best, quantised, search, split_validation
from training.landmarks.trees import TreeOptions, fit, median_ms, predict_points
from training.report import table, write_json

STEPS = ("measure", "correction", "search", "trees", "network")


def add_arguments(parser: argparse.ArgumentParser, _: str) -> None:
    """Add the options of `training landmarks`."""
    parser.add_argument(
        "--steps",
        choices=STEPS,
        nargs="+",
        default=list(STEPS),
        help="measure: region errors and the mean face; correction: fit the map from mesh to 68 "
        "points; search: compare tree options; trees: train with the best options found, or with "
        "those given below; network: train the mesh's network on (default: all)",
    )
    parser.add_argument(
        "--detector",
        default=AnalysisSettings().detector,
        help="detector that provides the training boxes (default: %(default)s)",
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="dlib threads (default: %(default)s)"
    )
    parser.add_argument(
        "--search-faces", type=int, default=300, help="faces to search on (default: %(default)s)"
    )
    parser.add_argument(
        "--most-mb", type=float, default=6.0, help="maximum model size (default: %(default)s MB)"
    )
    parser.add_argument(
        "--teacher", type=Path, metavar="RUN",
        help="run folder of a trained network of the 68 points, such as runs/landmarks/cnn68: its "
        "answers on faces without labels are learned, too",
    )  # fmt: skip
    parser.add_argument(
        "--resume", action="store_true", help="resume the network after its last epoch"
    )
    for name, value in asdict(TreeOptions()).items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=type(value), help=f"dlib option (default: {value})"
        )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="DIR",
        help="write DIR/landmarks68, DIR/mesh68 and DIR/cnn68; `--export models` updates the "
        "shipped models",
    )


def run(options: argparse.Namespace) -> str:
    """Run the chosen steps and write the report; returns it as text."""
    folder: Path = options.out or Path("runs/landmarks")
    folder.mkdir(parents=True, exist_ok=True)
    target = options.export or folder / "models"
    splits = {name: _read(options, name) for name in SPLITS}
    train, test = splits["train"], splits["test"]
    parts = []
    if "measure" in options.steps:
        rows = error_table(train.regions, train.points)
        parts += ["Region errors, relative to the region's side (mean ± std)", table(rows)]
        parts += ["Boxes of dlib's own detector", str(dlib_boxes.measure(train.faces))]
        parts += ["Mean face in cm", str(mean_face(train.regions["landmarks"]).round(2).tolist())]
    if "correction" in options.steps:
        parts += ["Corrected mesh on helen test", table(_correction(options, splits, target))]
    tree_options = replace(TreeOptions(), **_overrides(options))
    if "search" in options.steps:
        learn, validation = split_validation(_subset(train, options.search_faces))
        rows = search(learn, validation, SEARCH, threads=options.threads, seed=options.seed)
        tree_options = replace(best(rows, max_mb=options.most_mb), **_overrides(options))
        write_json(folder / "search.json", rows)
        parts += [f"Search, evaluated on {len(validation.faces)} held-out faces", table(rows)]
    if "trees" in options.steps:
        rows = _trees(options, train, test, tree_options, target)
        parts += ["Trees on helen test", table(rows)]
    if "network" in options.steps:
        rows = _network(options, splits, folder, target)
        parts += ["Network on helen test", table(rows)]
    text = "\n\n".join(parts)
    (folder / "report.md").write_text(f"```\n{_command(options)}\n```\n\n{text}\n")
    return text


def _trees(
    options: argparse.Namespace, train: Split, test: Split, tree_options: TreeOptions, target: Path
) -> list[dict[str, Any]]:
    """Train the trees, evaluate them on the test faces and write `landmarks68`."""
    examples = make_examples(train.faces, train.regions, np.random.default_rng(options.seed))
    model = fit(examples, tree_options, threads=options.threads, seed=options.seed)
    stored, size = quantised(model)
    predictor = predictor_of(stored)
    metrics, rows = {}, []
    for source in SOURCES:
        detected = ~np.any(np.isnan(test.regions[source]), axis=1)
        faces = [f for f, is_detected in zip(test.faces, detected, strict=True) if is_detected]
        regions = test.regions[source][detected]
        for passes in (1,) if source == "mesh" else (1, 2):
            predicted = predict_points(predictor, faces, regions, passes=passes)
            result = score_table(score(predicted, test.points[detected]))
            suffix = "" if passes == 1 else "_looking_twice"
            metrics[f"helen_test_from_{source}{suffix}"] = result
            rows.append({"region from": source, "passes": passes, **result})
    speed = {
        "cpu": cpu_name(),
        "threads": 1,
        "milliseconds_per_face": round(median_ms(stored, examples.crops[:64]), 3),
        "covers": "dlib's predictor only, without cropping",
    }
    training = {
        "seed": options.seed,
        "options": asdict(tree_options),
        "crops": len(examples.crops),
        "stored": f"leaves quantised to multiples of {STEP} and compressed; dlib's format takes "
        f"{len(model.dlib_bytes()) / 1e6:.1f} MB",
    }
    file = (options.out or Path("runs/landmarks")) / "landmarks68.npz"
    model.write(file, step=STEP)
    card = trees_card(_command(options), train.faces, training, speed, metrics)
    write_folder(target / dlib68.NAME, file, LABELS, card, file=dlib68.FILE)
    print(f"{size / 1e6:.2f} MB, {speed['milliseconds_per_face']} ms per face", flush=True)
    return rows


def _correction(
    options: argparse.Namespace, splits: dict[str, Split], target: Path
) -> list[dict[str, Any]]:
    """Fit the correction of the mesh, evaluate it on the test faces and write `mesh68`."""
    train, test = splits["train"], splits["test"]
    fitted = correction.fit_correction(train.regions["landmarks"], train.points)
    file = (options.out or Path("runs/landmarks")) / "mesh68.npz"
    correction.write(fitted, file)
    stored = MeshTo68.read(file)
    metrics, rows = {}, []
    for name, meshes in (("detector", "landmarks"), ("box", "own")):
        result = score_table(score(stored(test.regions[meshes]), test.points))
        metrics[f"helen_test_from_{name}"] = result
        rows.append({"mesh from": name, **result})
    training = {"ridge": correction.RIDGE, "faces": len(train.faces)}
    card = correction_card(_command(options), train.faces, training, metrics)
    write_folder(target / mesh68.NAME, file, LABELS, card, file=mesh68.FILE)
    return rows


def _network(
    options: argparse.Namespace, splits: dict[str, Split], folder: Path, target: Path
) -> list[dict[str, Any]]:
    """Train the network of the 68 points, evaluate it on the test faces and write `cnn68`."""
    from training.landmarks.network_step import NetworkConfig, train_network  # TensorFlow: seconds

    default = NetworkConfig()
    epochs = options.epochs or default.fit.epochs
    fit = replace(default.fit, epochs=epochs, seed=options.seed)
    return train_network(
        splits,
        replace(default, fit=fit, teacher=options.teacher),
        options.data,
        folder,
        target,
        command=_command(options),
        resume=options.resume,
        limit=options.limit,
    )


def _read(options: argparse.Namespace, split: str) -> Split:
    faces = read_faces(options.data, split, limit=options.limit)
    with Archive(options.data, "landmarks_300w") as archive:
        fingerprint = archive.fingerprint()
    regions = detect_regions(faces, split, options.detector, fingerprint=fingerprint)
    return Split(faces, regions)


def _subset(split: Split, count: int) -> Split:
    """About `count` faces, evenly spaced."""
    step = max(1, len(split.faces) // count)
    return Split(split.faces[::step], {n: r[::step] for n, r in split.regions.items()})


def _overrides(options: argparse.Namespace) -> dict[str, Any]:
    """The tree options given on the command line."""
    given = {field.name: getattr(options, field.name) for field in fields(TreeOptions)}
    return {name: value for name, value in given.items() if value is not None}


def _command(options: argparse.Namespace) -> str:
    """The command that reproduces the models, without paths of this machine."""
    arguments = ["python", "-m", "training", "landmarks"]
    if set(options.steps) != set(STEPS):
        arguments += ["--steps", *options.steps]
    other_detector = options.detector != AnalysisSettings().detector
    given = {
        "limit": options.limit,
        "seed": options.seed or None,
        "epochs": options.epochs if "network" in options.steps else None,
        "teacher": options.teacher,
        "detector": options.detector if other_detector else None,
    }
    for name, value in given.items():
        arguments += [f"--{name}", str(value)] if value is not None else []
    for name, value in _overrides(options).items():
        arguments += [f"--{name.replace('_', '-')}", str(value)]
    if options.export is not None:
        arguments += ["--export", options.export.name]
    return shlex.join(arguments)
