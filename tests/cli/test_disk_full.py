"""A disk that is full: one sentence, and no file that looks whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run

SIZE_KB = 4


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few kilobytes."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root on Linux")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_KB}k", "tmpfs", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize(("option", "name"), [("--out", "out.mp4"), ("--jsonl", "out.jsonl")])
def test_video(option: str, name: str, run: Run, clip: Path, small_disk: Path) -> None:
    done = run("video", clip, option, small_disk / name)
    assert done.returncode == 1
    sentence = done.stderr.strip().splitlines()[-1]
    assert f"{name} cannot be written: " in sentence
    assert "full" in sentence or "No space left" in sentence
    assert "Traceback" not in done.stderr
    assert list(small_disk.iterdir()) == []
