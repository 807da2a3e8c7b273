"""`python -m training landmarks`: model cards, the recorded command and a run on real data."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pytest

import models
from realtime.landmark import cnn68, dlib68, mesh68
from realtime.landmark.dlib68 import Dlib68
from tests.training.labelled import labelled
from training.__main__ import main
from training.landmarks import command
from training.landmarks.card import LABELS, correction_card, training_set
from training.landmarks.regions import SOURCES
from training.landmarks.trees import TreeOptions


def test_every_point_has_a_unique_name() -> None:
    assert len(LABELS) == len(set(LABELS)) == 68
    assert [LABELS[i] for i in (0, 17, 30, 36, 45, 48, 67)] == [
        "jaw_0", "right_brow_0", "nose_bridge_3", "right_eye_0", "left_eye_3", "outer_lips_0",
        "inner_lips_7",
    ]  # fmt: skip
    assert models.load(dlib68.NAME, file=dlib68.FILE).labels == LABELS
    assert models.load(mesh68.NAME, file=mesh68.FILE).labels == LABELS
    assert models.load(cnn68.NAME).labels == LABELS


def test_recorded_command_includes_options_that_change_the_models() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int)
    command.add_arguments(parser, "landmarks")
    options = parser.parse_args(["--steps", "trees", "--detector", "mtcnn", "--nu", "0.2"])
    recorded = "python -m training landmarks --steps trees --detector mtcnn --nu 0.2"
    assert command._command(options) == recorded
    assert command._command(parser.parse_args([])) == "python -m training landmarks"


def test_card_names_only_the_subsets_read() -> None:
    faces = [replace(labelled(i), subset=name) for i, name in enumerate(("lfpw", "helen", "lfpw"))]
    assert training_set(faces) == "landmarks_300w train (helen, lfpw)"
    assert training_set([face.mirrored().padded(0.5) for face in faces]) == training_set(faces)
    card = correction_card("command", faces[1:2], {}, {})
    assert card["training"]["sets"] == ["landmarks_300w train (helen)"]


@pytest.mark.data
def test_command_trains_both_models(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["landmarks", "--data", str(data_dir), "--limit", "24", "--cascade-depth", "2"]
    arguments += [
        "--num-trees-per-cascade-level",
        "5",
        "--oversampling-amount",
        "2",
        "--export",
        "out",
    ]
    assert main([*arguments, "--steps", "correction", "trees"]) == 0
    model = models.load(dlib68.NAME, root=tmp_path / "out", file=dlib68.FILE)
    assert model.card["training"]["options"]["cascade_depth"] == 2
    assert {f"helen_test_from_{source}" for source in SOURCES} <= set(model.card["metrics"])
    assert mesh68.MeshTo68.load(tmp_path / "out").weights.shape == (136, 136)
    assert "helen test" in (tmp_path / "runs" / "landmarks" / "report.md").read_text()
    assert str(tmp_path) not in model.path.with_name("card.toml").read_text()


@pytest.mark.data
def test_command_trains_the_network_and_resumes(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["landmarks", "--data", str(data_dir), "--limit", "48", "--steps", "network"]
    arguments += ["--export", "out"]
    assert main([*arguments, "--epochs", "1"]) == 0
    model = models.load(cnn68.NAME, root=tmp_path / "out")
    assert model.card["training"]["epochs"] == 1
    assert model.card["metrics"]["helen_test_from_detector"]["mean"]["value"] < 0.2
    history = tmp_path / "runs" / "landmarks" / "cnn68" / "history.json"
    first = json.loads(history.read_text())
    assert main([*arguments, "--epochs", "2", "--resume"]) == 0
    assert json.loads(history.read_text())[:1] == first
    model = models.load(cnn68.NAME, root=tmp_path / "out")
    assert model.card["training"]["epochs"] == 2
    recorded = "python -m training landmarks --steps network --limit 48 --epochs 2 --export out"
    assert model.card["training"]["command"] == recorded


@pytest.mark.data
def test_search_evaluates_whole_and_truncated_models(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = TreeOptions(cascade_depth=4, num_trees_per_cascade_level=3, oversampling_amount=1)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "SEARCH", (tiny,))
    arguments = ["landmarks", "--data", str(data_dir), "--limit", "24", "--steps", "search"]
    assert main(arguments) == 0
    rows = json.loads((tmp_path / "runs" / "landmarks" / "search.json").read_text())
    assert [row["levels"] for row in rows] == [2, 3, 4]
    assert rows[0]["MB"] < rows[2]["MB"]


def test_shipped_model_is_within_its_size_limit() -> None:
    card = models.load(dlib68.NAME, file=dlib68.FILE).card
    assert card["size_bytes"] <= 6_000_000
    assert Dlib68() is not None
