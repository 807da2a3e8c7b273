"""The face meshes side by side: each compared with MediaPipe's, the teacher of ours.

Still pictures: each mesh starts from the same first region and runs again in the region of its own
result, as for photos. A distance is the mean of all 468 points' in the picture, divided by the
distance of the teacher's outer eye corners. Clips: the pipeline follows faces by each mesh.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from benchmarks import mesh_clips, mesh_labels, mesh_stills
from benchmarks.environment import describe_environment, format_environment
from realtime.landmark.registry import LANDMARKERS
from training.data import DEFAULT_DATA
from training.report import table

TEACHER = "mediapipe-mesh"
PARTS = ("stills", "labels", "clips", "speed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks mesh`."""
    followers = [name for name, entry in LANDMARKERS.items() if entry.follows]
    parser.add_argument(
        "--landmarks",
        nargs="+",
        choices=followers,
        default=followers,
        help="meshes to compare with MediaPipe's (default: all)",
    )
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=PARTS,
        default=list(PARTS),
        help="stills: distance to the first mesh, 68 points, jitter, presence; labels: mask and "
        "emotion by each alignment; clips: blinks and pose; speed (default: all)",
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder of the data sets")
    parser.add_argument(
        "--clips", nargs="+", metavar="NAME", help="clips to follow faces in (default: all)"
    )
    parser.add_argument("--limit", type=int, help="maximum number of pictures of each set")
    parser.add_argument(
        "--drawn", type=Path, metavar="DIR", help="write stills of the clips with each mesh drawn"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure each mesh.

    Raises:
        training.data.DataError: A data set is missing.
        models.ModelError: A model is missing or damaged.
    """
    names = list(dict.fromkeys([TEACHER, *args.landmarks]))
    figures: dict[str, dict[str, float]] = {name: {} for name in names}
    if "stills" in args.parts:
        _add(figures, mesh_stills.measure(args.data, names, limit=args.limit))
    if "labels" in args.parts:
        _add(figures, mesh_labels.measure(args.data, names, limit=args.limit))
    if "clips" in args.parts:
        _add(figures, mesh_clips.measure(args.data, names, clips=args.clips, drawn=args.drawn))
    if "speed" in args.parts:
        _add(figures, mesh_clips.measure_speed(names))
    return {"benchmark": "mesh", "header": describe_environment(), "figures": figures}


def _add(figures: dict[str, dict[str, float]], more: dict[str, dict[str, float]]) -> None:
    for name, values in more.items():
        figures[name].update(values)


def report(results: dict[str, Any]) -> str:
    """Format the figures as a table with a column for each mesh."""
    figures = results["figures"]
    keys = list(dict.fromkeys(key for values in figures.values() for key in values))
    rows = [
        {"": key, **{name: _number(values.get(key)) for name, values in figures.items()}}
        for key in keys
    ]
    return "\n\n".join([format_environment(results["header"]), table(rows)])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
