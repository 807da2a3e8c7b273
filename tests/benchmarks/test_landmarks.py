"""The landmark benchmarks: tables, plots and what they say of few faces."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.__main__ import main
from benchmarks.alignments import eye_matrices, noisy, whole_matrix
from realtime.landmark.align import TEMPLATE, crop_matrices


@given(st.floats(-3, 3), st.floats(0.1, 20), st.floats(-500, 500), st.floats(-500, 500))
def test_eyes_alone_undo_any_similarity(angle: float, scale: float, x: float, y: float) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = ((TEMPLATE * 48) @ turn.T * scale + [x, y]).astype(np.float32)
    matrix = eye_matrices(points[None, :2], 48)[0]
    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], TEMPLATE * 48, atol=0.1)
    np.testing.assert_allclose(matrix, crop_matrices(points[None], 48)[0], atol=0.05, rtol=1e-3)


def test_the_whole_picture_fills_the_crop() -> None:
    matrix = whole_matrix(np.zeros((96, 144, 3), np.uint8), 48)
    corners = np.array([[-0.5, -0.5], [143.5, 95.5]]) @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(corners, [[-0.5, -0.5], [47.5, 47.5]], atol=1e-5)


def test_noise_has_the_spread_that_was_asked_for() -> None:
    five = np.tile((TEMPLATE * 100).astype(np.float32), (2000, 1, 1))
    moved = noisy(five, 0.05, np.random.default_rng(0)) - five
    distance = 100 * (TEMPLATE[1, 0] - TEMPLATE[0, 0])
    assert moved.std() == pytest.approx(0.05 * distance, rel=0.03)
    np.testing.assert_array_equal(noisy(five, 0.0, np.random.default_rng(0)), five)


@pytest.mark.data
def test_landmarks_of_few_faces(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["accuracy", "--task", "landmarks", "--data", str(data_dir), "--limit", "12"]
    words += ["--json", "out.json", "--plot", "out.png"]
    assert main([*words, "--detector", "blazeface-full", "blazeface-short"]) == 0
    told = json.loads((tmp_path / "out.json").read_text())["landmarks"]
    assert len(told["rows"]) == 15  # five kinds of points, from the true box and two detectors
    assert {row["from"] for row in told["rows"]} == {
        "box about the points",
        "blazeface-full",
        "blazeface-short",
    }
    by_name = {(row["landmarks"], row["from"]): row["mean"]["value"] for row in told["rows"]}
    for source in ("box about the points", "blazeface-full"):
        assert by_name["mesh, corrected", source] < by_name["mesh, by the table", source]
        assert by_name["mesh, corrected", source] < 0.05
    assert set(told["milliseconds_per_face"]) == {"mesh", "mesh as 68, corrected", "dlib68"}
    assert (tmp_path / "out.png").stat().st_size > 10_000


@pytest.mark.data
def test_impact_on_few_faces(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("benchmarks.landmark_impact.SETS", ("fer2013_private_test",))
    words = ["accuracy", "--task", "landmark-impact", "--data", str(data_dir), "--limit", "40"]
    assert main([*words, "--json", "out.json", "--plot", "out.png"]) == 0
    told = json.loads((tmp_path / "out.json").read_text())["landmark_impact"]
    rows = {row["points"]: row for row in told["fer2013_private_test"]["rows"]}
    assert {"none, the whole picture", "the eyes alone", "dlib68", "mesh", "noise 10%"} <= set(rows)
    assert rows["mesh"]["accuracy"] == rows["noise 0%"]["accuracy"]
    assert rows["mesh"]["difference"]["value"] == 0
    assert rows["mesh"]["accuracy"]["value"] > 0.5


def test_one_plot_is_not_for_two_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    tasks = ["--task", "landmarks", "landmark-impact"]
    assert main(["accuracy", *tasks, "--plot", "out.png"]) == 1
    assert "one of the tasks that draw at a time" in capsys.readouterr().err
