"""The detector's model card, and the training sets that it names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.detector.examples import ExampleSet

TAUGHT = "taught"
SETS_FILE = "sets.json"  # number of pictures per training set, in the run folder
# Title (with the number of pictures) and licence of each training set.
TRAINING_SETS = {
    "wider_train": ("WIDER FACE train, {:,} scenes", "CC BY-NC-ND 4.0"),
    "mask_scenes": ("mask_scenes train", "MIT or unstated repositories"),
    "landmarks_300w": ("300-W train", "excludes commercial use"),
    "masked_web": ("masked_web, {:,} pictures", "no licence stated, or Apache-2.0"),
    "empty": ("scenes without faces", "course material"),
    TAUGHT: ("{:,} unlabelled faces found by SCRFD 2.5G", "its weights are for research only"),
}


def used_sets(sources: Sequence[ExampleSet], start: str | None = None) -> dict[str, int]:
    """Count the pictures of each set that the weights were trained on.

    Args:
        sources: the sets read for this run; those without training pictures are skipped.
        start: the run whose weights this run starts from; its sets count too.

    Returns:
        Number of pictures by set, in the order of `TRAINING_SETS`.
    """
    counts = {s.name: len(s.train) + len(s.held_out) for s in sources if s.train}
    if taught := sum(s.taught for s in sources):
        counts[TAUGHT] = taught
    if start is not None:
        counts = recorded_sets(Path(start)) | counts
    return {name: counts[name] for name in TRAINING_SETS if name in counts}


def recorded_sets(run: Path) -> dict[str, int]:
    """The counts in a run folder; empty for older runs, which have none."""
    path = run / SETS_FILE
    if not path.is_file():
        return {}
    counts: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))
    return counts


def detector_card(
    command: str,
    sets: Mapping[str, int],
    training: Mapping[str, Any],
    metrics: Mapping[str, Any],
    *,
    side_px: int,
    rule: str,
) -> dict[str, Any]:
    """The card of `models/detector`.

    Args:
        command: the command that trains the model.
        sets: number of pictures by set, see `used_sets`.
        training: the seed and the size of the run.
        metrics: the evaluation, see `training.detector.evaluate`.
        side_px: side of the square training views.
        rule: what the metrics count.
    """
    described = [
        (TRAINING_SETS[name][0].format(count), TRAINING_SETS[name][1])
        for name, count in sets.items()
    ]
    return {
        "task": "detector: face boxes with five landmarks each",
        "labels": ["face"],
        "rule": rule,
        "limits": [
            "Trained on faces of 9 px and larger; smaller ones are not detected.",
            "Boxes follow the annotators of WIDER FACE: from hairline to chin.",
            "Where no landmarks were labelled, those of the face mesh were used as labels.",
        ],
        "input": {
            "side_px": side_px,
            "channels": 3,
            "zoom": 1.0,
            "order": "BGR",
            "preprocessing": "float32 pixels 0..255; any height and width that are multiples of 32",
        },
        "training": {
            "command": command,
            **training,
            "weights": "int8 per channel; activations are quantised at run time",
            "sets": [title for title, _ in described],
            "terms": [f"{title}: {terms}" for title, terms in described],
        },
        "metrics": dict(metrics),
    }
