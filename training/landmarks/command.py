"""`python -m training landmarks`: the options, and the steps from labelled faces to two models."""

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
from training.landmarks.card import LABELS, correction_card, told, trees_card
from training.landmarks.errors import score
from training.landmarks.examples import examples_of
from training.landmarks.faces import SPLITS, Split, read_faces
from training.landmarks.mean_face import mean_face
from training.landmarks.regions import SOURCES, error_table, found_regions
from training.landmarks.search import SEARCH, STEP, best, divide, rounded, search
from training.landmarks.trees import TreeOptions, fit, found_points, milliseconds
from training.report import table, write_json

STEPS = ("measure", "correction", "search", "trees")


def add_arguments(parser: argparse.ArgumentParser, _: str) -> None:
    """The options of the command."""
    parser.add_argument(
        "--steps",
        choices=STEPS,
        nargs="+",
        default=list(STEPS),
        help="measure: how detector and mesh err, and the mean face; correction: the mesh as 68 "
        "points; search: compare trees; trees: train with the best of the search, or with the "
        "options below (all)",
    )
    parser.add_argument(
        "--detector",
        default=AnalysisSettings().detector,
        help="whose boxes are learned from (%(default)s)",
    )
    parser.add_argument("--threads", type=int, default=1, help="for dlib (%(default)s)")
    parser.add_argument(
        "--search-faces", type=int, default=300, help="faces of the search (%(default)s)"
    )
    parser.add_argument(
        "--most-mb", type=float, default=6.0, help="size that the model may have (%(default)s)"
    )
    for name, _kind in _tree_options():
        kind = type(getattr(TreeOptions(), name))
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, help="dlib's option")
    parser.add_argument(
        "--export",
        type=Path,
        metavar="DIR",
        help="write DIR/landmarks68 and DIR/mesh68: `--export models` ships them",
    )


def run(options: argparse.Namespace) -> str:
    """Do the steps that were chosen; tables for people."""
    folder: Path = options.out or Path("runs/landmarks")
    folder.mkdir(parents=True, exist_ok=True)
    target = options.export or folder / "models"
    splits = {name: _read(options, name) for name in SPLITS}
    train, test = splits["train"], splits["test"]
    parts = []
    if "measure" in options.steps:
        rows = error_table(train.found, train.points)
        parts += ["how regions err, in their sides (mean ± spread)", table(rows)]
        parts += ["where dlib's own detector puts its boxes", str(dlib_boxes.measure(train.faces))]
        parts += ["mean face in cm", str(mean_face(train.found["landmarks"]).round(2).tolist())]
    if "correction" in options.steps:
        parts += ["the mesh as 68 points", table(_correction(options, splits, target))]
    chosen = _given(options)
    if "search" in options.steps:
        learn, judge = divide(_thinned(train, options.search_faces))
        rows = search(learn, judge, SEARCH, threads=options.threads, seed=options.seed)
        chosen = replace(best(rows, most_mb=options.most_mb), **_overrides(options))
        write_json(folder / "search.json", rows)
        parts += [f"search, judged on {len(judge.faces)} faces kept out", table(rows)]
    if "trees" in options.steps:
        parts += ["the trees on helen test", table(_trees(options, train, test, chosen, target))]
    text = "\n\n".join(parts)
    (folder / "report.md").write_text(f"```\n{_command(options)}\n```\n\n{text}\n")
    return text


def _trees(
    options: argparse.Namespace, train: Split, test: Split, chosen: TreeOptions, target: Path
) -> list[dict[str, Any]]:
    examples = examples_of(train.faces, train.found, np.random.default_rng(options.seed))
    model = fit(examples, chosen, threads=options.threads, seed=options.seed)
    stored, size = rounded(model)
    predictor = predictor_of(stored)
    metrics, rows = {}, []
    for source in SOURCES:
        there = ~np.isnan(test.found[source]).any(axis=1)
        faces = [f for f, seen in zip(test.faces, there, strict=True) if seen]
        for looks in (1,) if source == "mesh" else (1, 2):
            found = found_points(predictor, faces, test.found[source][there], looks=looks)
            result = told(score(found, test.points[there]))
            again = "" if looks == 1 else "_looking_twice"
            metrics[f"helen_test_from_{source}{again}"] = result
            rows.append({"region from": source, "looks": looks, **result})
    speed = {
        "cpu": cpu_name(),
        "threads": 1,
        "milliseconds_per_face": round(milliseconds(stored, examples.crops[:64]), 3),
        "covers": "dlib's predictor alone, on a crop that is cut already",
    }
    training = {
        "seed": options.seed,
        "options": asdict(chosen),
        "crops": len(examples.crops),
        "stored": f"leaves as multiples of {STEP}, packed; dlib's own file takes "
        f"{len(model.dlib_bytes()) / 1e6:.1f} MB",
    }
    file = (options.out or Path("runs/landmarks")) / "landmarks68.npz"
    model.write(file, step=STEP)
    card = trees_card(_command(options), train.faces, training, speed, metrics)
    write_folder(target / dlib68.NAME, file, LABELS, card, file=dlib68.FILE)
    print(f"{size / 1e6:.2f} MB, {speed['milliseconds_per_face']} ms a face", flush=True)
    return rows


def _correction(
    options: argparse.Namespace, splits: dict[str, Split], target: Path
) -> list[dict[str, Any]]:
    train, test = splits["train"], splits["test"]
    learned = correction.learn(train.found["landmarks"], train.points)
    file = (options.out or Path("runs/landmarks")) / "mesh68.npz"
    correction.write(learned, file)
    stored = MeshTo68.read(file)
    metrics, rows = {}, []
    for name, meshes in (("detector", "landmarks"), ("box", "own")):
        result = told(score(stored(test.found[meshes]), test.points))
        metrics[f"helen_test_from_{name}"] = result
        rows.append({"mesh from": name, **result})
    training = {"ridge": correction.RIDGE, "faces": len(train.faces)}
    card = correction_card(_command(options), train.faces, training, metrics)
    write_folder(target / mesh68.NAME, file, LABELS, card, file=mesh68.FILE)
    return rows


def _read(options: argparse.Namespace, split: str) -> Split:
    faces = read_faces(options.data, split, limit=options.limit)
    with Archive(options.data, "landmarks_300w") as archive:
        fingerprint = archive.fingerprint()
    found = found_regions(faces, split, options.detector, fingerprint=fingerprint)
    return Split(faces, found)


def _thinned(split: Split, count: int) -> Split:
    step = max(1, len(split.faces) // count)
    return Split(split.faces[::step], {n: r[::step] for n, r in split.found.items()})


def _tree_options() -> list[tuple[str, Any]]:
    return [(field.name, field.type) for field in fields(TreeOptions)]


def _overrides(options: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(options, name) for name, _ in _tree_options()}
    return {name: value for name, value in given.items() if value is not None}


def _given(options: argparse.Namespace) -> TreeOptions:
    return replace(TreeOptions(), **_overrides(options))


def _command(options: argparse.Namespace) -> str:
    """The command that makes these models, without what names this machine's folders."""
    words = ["python", "-m", "training", "landmarks"]
    if set(options.steps) != set(STEPS):
        words += ["--steps", *options.steps]
    for name, value in {"limit": options.limit, "seed": options.seed or None}.items():
        words += [f"--{name}", str(value)] if value is not None else []
    for name, value in _overrides(options).items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    if options.export is not None:
        words += ["--export", options.export.name]
    return shlex.join(words)
