"""The reports of the benchmarks read the stored results: their keys are a contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.environment import ROOT
from benchmarks.protocol import load_benchmark

RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_report_of_stored_results(path: Path) -> None:
    results = json.loads(path.read_text())
    text = load_benchmark(results["benchmark"]).report(results)
    assert results["header"]["commit"] in text
    assert len(text.splitlines()) > 5
