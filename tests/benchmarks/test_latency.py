"""The latency benchmark: its results, its report and its sample frames."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.environment import ROOT, describe_environment, format_environment
from benchmarks.latency import cost_per_additional_face, report, summarize
from benchmarks.moving_faces import moving_frames
from benchmarks.protocol import BENCHMARKS
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo

SHORT = ("--runs", "6", "--warm-up", "12", "--threads", "1", "--size", "640x480")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("latency") / "results.json"
    assert main(["latency", *SHORT, "--faces", "1", "4", "--json", str(path)]) == 0
    assert [p.name for p in path.parent.iterdir()] == ["results.json"]
    return dict(json.loads(path.read_text()))


def test_rows_contain_settings_and_times(results: dict[str, Any]) -> None:
    rows = results["rows"]
    assert [(r["threads"], r["width"], r["height"], r["faces"], r["n"]) for r in rows] == [
        (1, 640, 480, 1, 6),
        (1, 640, 480, 4, 6),
    ]
    for row in rows:
        assert row["faces_least"] == row["faces_median"] == row["faces"]
        total = row["whole_ms"]
        assert 0 < total["p50"] <= total["p95"] <= total["p99"]
        assert {"mesh", "track", "classify", "draw"} <= set(row["stages_ms"])
        assert sum(s["share"] for s in row["stages_ms"].values()) == pytest.approx(1, abs=0.01)


def test_report_names_every_row_and_the_machine(results: dict[str, Any]) -> None:
    text = report(results)
    assert results["header"]["commit"] in text
    assert results["header"]["cpu"] in text
    assert text.count("640x480") == 3
    assert "each additional face, 1 threads, 640x480" in text


def test_json_on_stdout_is_json_only() -> None:
    command = [sys.executable, "-m", "benchmarks", "latency", *SHORT, "--faces", "1", "--json", "-"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert process.returncode == 0
    assert json.loads(process.stdout)["benchmark"] == "latency"
    assert "p95" in process.stderr


def test_environment_names_code_machine_and_packages() -> None:
    environment = describe_environment()
    assert environment["cores"] >= 1
    assert environment["packages"]["numpy"] == np.__version__
    assert json.loads(json.dumps(environment)) == environment
    assert len(format_environment(environment).splitlines()) == 3


@pytest.mark.parametrize("size_wh", [(640, 480), (1280, 720)])
@pytest.mark.parametrize("faces", [1, 4, 16])
def test_every_frame_shows_the_requested_number_of_faces(
    networks: Networks, faces: int, size_wh: tuple[int, int]
) -> None:
    frames = moving_frames(faces, size_wh, count=5)
    assert len(frames) == 5
    for frame in frames:
        assert frame.shape == (size_wh[1], size_wh[0], 3)
        assert len(analyze_photo(networks, frame, AnalysisSettings()).faces) == faces


def test_summary_of_known_values() -> None:
    assert summarize([1.0, 2.0, 3.0]) == {"p50": 2.0, "p95": 2.9, "p99": 2.98, "mean": 2.0}


def test_cost_per_additional_face_needs_a_row_with_one_face() -> None:
    def row(faces: int, ms: float) -> dict[str, Any]:
        times = {"whole_ms": {"p50": ms}, "cpu_ms": {"p50": ms / 2}}
        return {"threads": 1, "width": 640, "height": 480, "faces": faces, **times}

    assert cost_per_additional_face([row(4, 8.0)]) == []
    assert cost_per_additional_face([row(1, 5.0)]) == []
    (added,) = cost_per_additional_face([row(1, 5.0), row(16, 35.0), row(4, 11.0)])
    assert (added["whole_ms"], added["cpu_ms"]) == (2.0, 1.0)


@pytest.mark.parametrize("arguments", [[], ["none"], ["latency", "--runs", "many"]])
def test_invalid_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert "--json FILE" in capsys.readouterr().out


def test_unwritable_output_file_is_an_error_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none" / "results.json"
    assert main(["latency", *SHORT, "--faces", "1", "--json", str(path)]) == 1
    assert "cannot be written: No such file" in capsys.readouterr().err
