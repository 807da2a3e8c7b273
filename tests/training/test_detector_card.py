"""The detector's card names the sets that its weights were trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.detector.card import SETS_FILE, detector_card, used_sets
from training.detector.examples import Example, ExampleSet
from training.report import write_json


def source(name: str, train: int, held_out: int = 1) -> ExampleSet:
    """A training set of empty pictures."""
    picture = Example(
        np.zeros((8, 8, 3), np.uint8),
        np.zeros((0, 4), np.float32),
        np.zeros(0, np.bool_),
        np.zeros((0, 5, 2), np.float32),
        np.zeros((0, 30, 2), np.float32),
        np.zeros(0, np.bool_),
    )
    return ExampleSet(name, 0.5, [picture] * train, [picture] * held_out)


def test_skipped_sets_are_not_counted() -> None:
    sources = [source("empty", 0), source("mask_scenes", 3), source("wider_train", 5)]
    assert used_sets(sources) == {"wider_train": 6, "mask_scenes": 4}


def test_sets_of_the_starting_run_are_counted(tmp_path: Path) -> None:
    write_json(tmp_path / SETS_FILE, {"empty": 9, "mask_scenes": 7})
    counts = used_sets([source("mask_scenes", 3)], str(tmp_path))
    assert counts == {"mask_scenes": 4, "empty": 9}
    assert used_sets([source("mask_scenes", 3)], str(tmp_path / "old")) == {"mask_scenes": 4}


def test_card_names_only_the_sets_used() -> None:
    card = detector_card("command", {"wider_train": 1239}, {"epochs": 1}, {}, side_px=320, rule="A")
    assert card["training"]["sets"] == ["WIDER FACE train, 1,239 scenes"]
    assert card["training"]["terms"] == ["WIDER FACE train, 1,239 scenes: CC BY-NC-ND 4.0"]
