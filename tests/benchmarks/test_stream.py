"""The report on streams: several runs of a page, and pages left out."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from benchmarks.environment import ROOT
from benchmarks.stream import report


@pytest.fixture
def results() -> dict[str, Any]:
    (path,) = (ROOT / "benchmarks" / "results").glob("stream-*.json")
    return dict(json.loads(path.read_text()))


def test_repeated_runs_are_summed_up_by_page_and_faces(results: dict[str, Any]) -> None:
    row = next(r for r in results["rows"] if (r["page"], r["faces"]) == ("facestream", 1))
    again = deepcopy(row)
    row["shown_fps"], again["shown_fps"] = 30.0, 29.0
    results["rows"].append(again)
    lines = [line for line in report(results).splitlines() if "runs:" in line]
    assert len(lines) == 1
    assert "1 face(s), facestream, 2 runs: shown fps 29.0 to 30.0 (median 29.5)" in lines[0]


def test_pages_may_be_left_out(results: dict[str, Any]) -> None:
    results["rows"] = [row for row in results["rows"] if row["page"] == "facestream"]
    assert "against the baseline" not in report(results)
