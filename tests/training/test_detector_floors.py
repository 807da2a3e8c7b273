"""The shipped detector meets its minimum accuracy on real scenes."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime.detect import create_detector, detector_entry
from training.detector import scenes
from training.detector.evaluate import detections, masked_only
from training.detector.score import curve

pytestmark = [pytest.mark.data, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("name", "min_ap"), [("facestream", 0.86), ("facestream-448", 0.82)])
def test_average_precision_on_wider(data_dir: Path, name: str, min_ap: float) -> None:
    pictures = detections(
        create_detector(name), data_dir, "wider_val", scenes.wider(data_dir, "wider_val")
    )
    assert len(pictures) == 200
    assert curve(pictures).average_precision() >= min_ap


def test_recall_on_masked_faces(data_dir: Path) -> None:
    masked = masked_only(scenes.mask_scenes(data_dir, "val"))
    pictures = detections(create_detector("facestream"), data_dir, "mask_scenes", masked)
    assert curve(pictures).at(detector_entry("facestream").min_score).recall >= 0.90


def test_false_alarms_on_pictures_without_faces(data_dir: Path) -> None:
    empty = scenes.without_faces(data_dir)
    pictures = detections(create_detector("facestream"), data_dir, "scenes_without_faces", empty)
    at = curve(pictures).at(detector_entry("facestream").min_score)
    assert at.false_positives_per_picture <= 0.05
