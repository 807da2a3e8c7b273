"""The video benchmark runs both ways over the same clip and says what it should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import video
from benchmarks.__main__ import main


def test_both_ways_see_the_same_frames_and_faces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "figures.json"
    words = ["video", "--frames", "20", "--size", "320x240", "--rounds", "1", "--json", str(path)]
    assert main(words) == 0
    figures = json.loads(path.read_text())
    rows = figures["rows"]
    assert [row["way"] for row in rows] == ["all at once", "in turn"]
    assert [row["frames"] for row in rows] == [20, 20]
    assert rows[0]["faces"] == rows[1]["faces"] > 0.9
    assert figures["ratio"] == pytest.approx(rows[0]["fps"] / rows[1]["fps"], abs=0.02)
    text = capsys.readouterr().out
    assert f"{figures['ratio']:.2f} times as fast" in text
    assert figures["header"]["cpu"] in text


def test_the_best_run_of_each_way_counts() -> None:
    rows = [{"way": "in turn", "fps": 9.0}, {"way": "all at once", "fps": 99.0}]
    assert video.best([*rows, {"way": "in turn", "fps": 12.0}], "in turn") == 12.0
