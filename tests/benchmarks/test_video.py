"""The video benchmark runs both jobs on the same clip and compares them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import video
from benchmarks.__main__ import main


def test_both_jobs_process_the_same_frames_and_faces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "results.json"
    options = ["--frames", "20", "--size", "320x240", "--rounds", "1", "--json", str(path)]
    assert main(["video", *options]) == 0
    results = json.loads(path.read_text())
    rows = results["rows"]
    assert [row["way"] for row in rows] == ["all at once", "in turn"]
    assert [row["frames"] for row in rows] == [20, 20]
    assert rows[0]["faces"] == rows[1]["faces"] > 0.9
    assert results["ratio"] == pytest.approx(rows[0]["fps"] / rows[1]["fps"], abs=0.02)
    text = capsys.readouterr().out
    assert f"{results['ratio']:.2f} times as fast" in text
    assert results["header"]["cpu"] in text


def test_best_fps_is_the_maximum_over_the_runs_of_a_job() -> None:
    rows = [{"way": "in turn", "fps": 9.0}, {"way": "all at once", "fps": 99.0}]
    assert video.best_fps([*rows, {"way": "in turn", "fps": 12.0}], video.SEQUENTIAL) == 12.0
