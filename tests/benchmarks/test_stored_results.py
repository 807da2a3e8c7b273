"""The reports of the benchmarks read the stored results: their keys are a contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import models
from benchmarks.environment import ROOT
from benchmarks.protocol import load_benchmark

RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_report_of_stored_results(path: Path) -> None:
    results = json.loads(path.read_text())
    text = load_benchmark(results["benchmark"]).report(results)
    assert results["header"]["commit"] in text
    assert len(text.splitlines()) > 5


def test_detection_results_are_those_of_the_shipped_weights() -> None:
    """Figures of README, card and pages come from one network under one rule."""
    card = models.load("detector").card
    stored = json.loads((ROOT / "benchmarks" / "results" / "detection.json").read_text())
    results = stored["detection"]
    assert results["weights_sha256"] == card["sha256"]
    assert results["rule"] == card["rule"]
    for name, size in (("facestream", 640), ("facestream-448", 448)):
        measured = results["detectors"][name]["average_precision"]
        assert card["metrics"][f"at_{size}_px"]["wider_val_ap"] == pytest.approx(
            measured, abs=0.005
        )
