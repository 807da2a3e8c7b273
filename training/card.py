"""The content of a classifier's model card."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models import CARD
from training.crops import CropSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSet:
    """A data set that a network learned from.

    Attributes:
        name: the set and the part used, such as `WIDER FACE train, a part`.
        terms: licence or terms of use.
    """

    name: str
    terms: str


SETS_FILE = "sets.json"  # in a run folder
OWN_PICTURES = TrainingSet(name="a folder of one's own pictures", terms="their owner's")


def record_sets(folder: Path, sets: Sequence[TrainingSet], *, earlier: Sequence[Path] = ()) -> None:
    """Record the sets that a run learns from in its folder.

    Args:
        folder: run folder.
        sets: sets read for this run.
        earlier: run folders whose weights this run starts from; their sets come first.
    """
    known = [entry for run in earlier for entry in recorded_sets(run)]
    rows = [asdict(entry) for entry in dict.fromkeys([*known, *sets])]
    (folder / SETS_FILE).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def recorded_sets(folder: Path) -> list[TrainingSet]:
    """The sets recorded in a run folder or a model card; empty for runs older than this record."""
    path = folder / SETS_FILE
    if not path.is_file():
        return _sets_of_card(folder / CARD) if (folder / CARD).is_file() else []
    return [TrainingSet(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def _sets_of_card(path: Path) -> list[TrainingSet]:
    training = tomllib.loads(path.read_text(encoding="utf-8"))["training"]
    pairs = zip(training["sets"], training["terms"], strict=True)
    return [TrainingSet(name=name, terms=terms.removeprefix(f"{name}: ")) for name, terms in pairs]


def sets_table(sets: Sequence[TrainingSet]) -> dict[str, list[str]]:
    """The card's keys `sets` and `terms`."""
    return {"sets": [s.name for s in sets], "terms": [f"{s.name}: {s.terms}" for s in sets]}


def network_card(
    title: str,
    labels: Sequence[str],
    *,
    limits: Sequence[str],
    spec: CropSpec,
    unsure: Mapping[str, float],
    training: Mapping[str, Any],
    sets: Sequence[TrainingSet],
    speed: Mapping[str, Any],
    metrics: Mapping[str, Any],
) -> dict[str, Any]:
    """The card of an int8 network, without size and hash.

    Args:
        title: what the network classifies.
        labels: classes in the order of the probabilities.
        limits: known limitations.
        spec: how its crops are cut.
        unsure: thresholds below which an answer is `unsure`.
        training: how it was trained: command, seed, epochs, ...
        sets: the sets it learned from.
        speed: milliseconds per face.
        metrics: test results by set.
    """
    return {
        "task": title,
        "labels": list(labels),
        "limits": list(limits),
        "input": _input_table(spec),
        "unsure": unsure,
        "training": {
            **training,
            "weights": "int8 by channel; activations are rounded to int8 while it runs",
            **sets_table(sets),
        },
        "speed": speed,
        "metrics": metrics,
    }


def _input_table(spec: CropSpec) -> dict[str, Any]:
    return {
        "side_px": spec.side_px,
        "channels": 1 if spec.gray else 3,
        "zoom": spec.zoom,
        "order": "gray" if spec.gray else "BGR",
        "preprocessing": "float32 pixels 0..255 of crops cut by realtime.landmark.align "
        "through five points of the face mesh; the network standardises each crop to zero mean and "
        "unit variance",
    }
