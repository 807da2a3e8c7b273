"""The shipped detector reaches its floors on real scenes."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime.detect import create_detector, detector_entry
from training.detector import scenes
from training.detector.judge import answers, masked_only
from training.detector.score import curve

pytestmark = [pytest.mark.data, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("name", "least"), [("facestream", 0.80), ("facestream-416", 0.75)])
def test_crowded_scenes(data_dir: Path, name: str, least: float) -> None:
    found = answers(
        create_detector(name), data_dir, "wider_val", scenes.wider(data_dir, "wider_val")
    )
    assert len(found) == 200
    assert curve(found).average_precision() >= least


def test_most_masked_faces_are_found(data_dir: Path) -> None:
    masked = masked_only(scenes.mask_scenes(data_dir, "val"))
    found = answers(create_detector("facestream"), data_dir, "mask_scenes", masked)
    assert curve(found).at(detector_entry("facestream").min_score).recall >= 0.90


def test_where_there_are_no_faces_hardly_any_are_found(data_dir: Path) -> None:
    empty = scenes.without_faces(data_dir)
    found = answers(create_detector("facestream"), data_dir, "scenes_without_faces", empty)
    at = curve(found).at(detector_entry("facestream").min_score)
    assert at.mistakes_per_picture <= 0.05
