"""The latency benchmark runs, follows the faces it shows, and says what it should."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.environment import ROOT, header, header_text
from benchmarks.latency import further_faces, report, summary
from benchmarks.moving_faces import moving_frames
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo

SHORT = ("--runs", "6", "--warm-up", "12", "--threads", "1", "--size", "640x480")


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("latency") / "figures.json"
    assert main(["latency", *SHORT, "--faces", "1", "4", "--json", str(path)]) == 0
    assert [p.name for p in path.parent.iterdir()] == ["figures.json"]
    return dict(json.loads(path.read_text()))


def test_rows_say_what_was_measured(figures: dict[str, Any]) -> None:
    rows = figures["rows"]
    assert [(r["threads"], r["width"], r["height"], r["faces"], r["n"]) for r in rows] == [
        (1, 640, 480, 1, 6),
        (1, 640, 480, 4, 6),
    ]
    for row in rows:
        assert row["faces_least"] == row["faces_median"] == row["faces"]
        whole = row["whole_ms"]
        assert 0 < whole["p50"] <= whole["p95"] <= whole["p99"]
        assert {"mesh", "track", "classify", "draw"} <= set(row["stages_ms"])
        assert sum(s["share"] for s in row["stages_ms"].values()) == pytest.approx(1, abs=0.01)


def test_the_table_names_every_row_and_the_machine(figures: dict[str, Any]) -> None:
    text = report(figures)
    assert figures["header"]["commit"] in text
    assert figures["header"]["cpu"] in text
    assert text.count("640x480") == 3
    assert "each further face, 1 threads, 640x480" in text


def test_json_on_stdout_is_json_alone() -> None:
    words = [sys.executable, "-m", "benchmarks", "latency", *SHORT, "--faces", "1", "--json", "-"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    assert json.loads(done.stdout)["benchmark"] == "latency"
    assert "p95" in done.stderr


def test_header_names_code_machine_and_packages() -> None:
    values = header()
    assert values["cores"] >= 1
    assert values["packages"]["numpy"] == np.__version__
    assert json.loads(json.dumps(values)) == values
    assert len(header_text(values).splitlines()) == 3


@pytest.mark.parametrize("size_wh", [(640, 480), (1280, 720)])
@pytest.mark.parametrize("faces", [1, 4, 16])
def test_the_scene_shows_so_many_faces_all_along(
    networks: Networks, faces: int, size_wh: tuple[int, int]
) -> None:
    frames = moving_frames(faces, size_wh, count=5)
    assert len(frames) == 5
    for frame in frames:
        assert frame.shape == (size_wh[1], size_wh[0], 3)
        assert len(analyze_photo(networks, frame, AnalysisSettings()).faces) == faces


def test_summary_of_known_values() -> None:
    assert summary([1.0, 2.0, 3.0]) == {"p50": 2.0, "p95": 2.9, "p99": 2.98, "mean": 2.0}


def test_further_faces_need_a_row_with_one() -> None:
    def row(faces: int, ms: float) -> dict[str, Any]:
        times = {"whole_ms": {"p50": ms}, "cpu_ms": {"p50": ms / 2}}
        return {"threads": 1, "width": 640, "height": 480, "faces": faces, **times}

    assert further_faces([row(4, 8.0)]) == []
    assert further_faces([row(1, 5.0)]) == []
    (added,) = further_faces([row(1, 5.0), row(16, 35.0), row(4, 11.0)])
    assert (added["whole_ms"], added["cpu_ms"]) == (2.0, 1.0)


@pytest.mark.parametrize("arguments", [[], ["none"], ["latency", "--runs", "many"]])
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_an_unwritable_file_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none" / "figures.json"
    assert main(["latency", *SHORT, "--faces", "1", "--json", str(path)]) == 1
    assert "cannot be written: No such file" in capsys.readouterr().err
