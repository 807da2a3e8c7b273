"""The accuracy benchmark, on a few pictures of each set."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", "accuracy", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.data
def test_it_prints_and_writes_the_same_figures(data_dir: Path) -> None:
    words = "--task emotion mask gender --limit 30 --json -"
    done = run("--data", str(data_dir), *words.split())
    assert done.returncode == 0, done.stderr
    tasks = json.loads(done.stdout)["tasks"]
    right = tasks["emotion"]["metrics"]["fer2013_private_test"]["accuracy"]
    assert 0.5 < right["value"] <= 1
    assert right["interval"][0] <= right["value"] <= right["interval"][1]
    assert f"| {right['value']:.3f} [{right['interval'][0]:.3f}, " in done.stderr
    masks = tasks["mask"]
    assert masks["metrics"]["utkface_test"]["called_with_mask"] <= 0.05  # one of 30 faces
    assert f"| {masks['metrics']['utkface_test']['called_with_mask']:.2%} |" in done.stderr
    assert masks["clip"]["answers"]["frames"] == 30
    groups = tasks["gender"]["metrics"]["utkface_test"]["groups"]
    assert f"| age 16 to 29 | {groups['age 16 to 29']['n']} | " in done.stderr


def test_a_missing_set_is_said_in_a_sentence(tmp_path: Path) -> None:
    done = run("--data", str(tmp_path))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "The benchmark cannot run: " in done.stderr
