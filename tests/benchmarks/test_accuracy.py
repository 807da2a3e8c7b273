"""The accuracy benchmark, on a few images of each set."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", "accuracy", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.timeout(900)  # slow on a busy machine
@pytest.mark.data
def test_table_and_json_have_the_same_figures(data_dir: Path) -> None:
    options = "--task emotion mask gender --limit 30 --json -"
    process = run("--data", str(data_dir), *options.split())
    assert process.returncode == 0, process.stderr
    tasks = json.loads(process.stdout)["tasks"]
    accuracy = tasks["emotion"]["metrics"]["fer2013_private_test"]["accuracy"]
    low, high = accuracy["interval"]
    assert 0.5 < accuracy["value"] <= 1
    assert low <= accuracy["value"] <= high
    assert f"| {accuracy['value']:.3f} [{low:.3f}, " in process.stderr
    masks = tasks["mask"]
    assert masks["metrics"]["utkface_test"]["called_with_mask"] <= 0.05  # one of 30 faces
    assert f"| {masks['metrics']['utkface_test']['called_with_mask']:.2%} |" in process.stderr
    assert masks["clip"]["answers"]["frames"] == 30
    groups = tasks["gender"]["metrics"]["utkface_test"]["groups"]
    assert f"| age 16 to 29 | {groups['age 16 to 29']['n']} | " in process.stderr


def test_missing_data_set_is_an_error_message(tmp_path: Path) -> None:
    process = run("--data", str(tmp_path))
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert "The benchmark cannot run: " in process.stderr


def test_networks_are_taken_from_another_folder(tmp_path: Path) -> None:
    (tmp_path / "mask").mkdir()
    process = run("--task", "emotion", "--models", str(tmp_path))
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert "Unknown model 'emotion'" in process.stderr
