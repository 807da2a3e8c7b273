"""The landmark benchmarks: alignment methods, and short runs with tables and plots."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.__main__ import main
from benchmarks.alignments import add_noise, eye_matrices, full_image_matrix
from realtime.landmark.align import TEMPLATE, crop_matrices


@given(st.floats(-3, 3), st.floats(0.1, 20), st.floats(-500, 500), st.floats(-500, 500))
def test_eye_alignment_undoes_any_similarity(
    angle: float, scale: float, x: float, y: float
) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = ((TEMPLATE * 48) @ turn.T * scale + [x, y]).astype(np.float32)
    matrix = eye_matrices(points[None, :2], 48)[0]
    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], TEMPLATE * 48, atol=0.1)
    np.testing.assert_allclose(matrix, crop_matrices(points[None], 48)[0], atol=0.05, rtol=1e-3)


def test_full_image_fills_the_crop() -> None:
    matrix = full_image_matrix(np.zeros((96, 144, 3), np.uint8), 48)
    corners = np.array([[-0.5, -0.5], [143.5, 95.5]]) @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(corners, [[-0.5, -0.5], [47.5, 47.5]], atol=1e-5)


def test_noise_has_the_requested_standard_deviation() -> None:
    points = np.tile((TEMPLATE * 100).astype(np.float32), (2000, 1, 1))
    noise = add_noise(points, 0.05, np.random.default_rng(0)) - points
    distance = 100 * (TEMPLATE[1, 0] - TEMPLATE[0, 0])
    assert noise.std() == pytest.approx(0.05 * distance, rel=0.03)
    np.testing.assert_array_equal(add_noise(points, 0.0, np.random.default_rng(0)), points)


@pytest.mark.data
def test_landmarks_of_a_few_faces(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["--task", "landmarks", "--data", str(data_dir), "--limit", "12"]
    options += ["--detector", "blazeface-full", "blazeface-short"]
    assert main(["accuracy", *options, "--json", "out.json", "--plot", "out.png"]) == 0
    results = json.loads((tmp_path / "out.json").read_text())["landmarks"]
    assert len(results["rows"]) == 18  # six methods, ground-truth boxes and two detectors
    assert {row["from"] for row in results["rows"]} == {
        "box about the points",
        "blazeface-full",
        "blazeface-short",
    }
    errors = {(row["landmarks"], row["from"]): row["mean"]["value"] for row in results["rows"]}
    for source in ("box about the points", "blazeface-full"):
        assert errors["mesh, corrected", source] < errors["mesh, by the table", source]
        assert errors["cnn68", source] < errors["mesh, corrected", source] < 0.05
    assert set(results["milliseconds_per_face"]) == {
        "mesh",
        "mesh as 68, corrected",
        "cnn68",
        "dlib68",
    }
    assert (tmp_path / "out.png").stat().st_size > 10_000


@pytest.mark.data
def test_impact_on_a_few_faces(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("benchmarks.landmark_impact.SETS", ("fer2013_private_test",))
    options = ["--task", "landmark-impact", "--data", str(data_dir), "--limit", "40"]
    assert main(["accuracy", *options, "--json", "out.json", "--plot", "out.png"]) == 0
    results = json.loads((tmp_path / "out.json").read_text())["landmark_impact"]
    rows = {row["points"]: row for row in results["fer2013_private_test"]["rows"]}
    assert {"none, the whole picture", "the eyes alone", "dlib68", "mesh", "noise 10%"} <= set(rows)
    assert rows["mesh"]["accuracy"] == rows["noise 0%"]["accuracy"]
    assert rows["mesh"]["difference"]["value"] == 0
    assert rows["mesh"]["accuracy"]["value"] > 0.5


def test_plot_is_for_one_task_only(capsys: pytest.CaptureFixture[str]) -> None:
    tasks = ["--task", "landmarks", "landmark-impact"]
    assert main(["accuracy", *tasks, "--plot", "out.png"]) == 1
    assert "choose one of the tasks that draw a plot" in capsys.readouterr().err
