"""The measurements of stalls and of memory while something is uploaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.stalls import Viewer
from benchmarks.upload_samples import claiming_video
from realtime.media.video_check import check_video
from realtime.video import VideoError

MEASURE = """
import subprocess, sys
from benchmarks.memory_peak import memory_peak

with memory_peak() as peak:
    hold = "memory = bytearray(b'x' * 100_000_000); input()"
    child = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE)
    child.communicate(b"\\n", timeout=60)
print(peak.over_bytes)
with memory_peak() as peak:
    pass
print(peak.over_bytes)
"""


STARTING = """
import os, time
from benchmarks.memory_peak import held_bytes

memory = bytearray(b"x" * 100_000_000)
before = held_bytes(os.getpid(), 0)
child = os.fork()
if child == 0:
    time.sleep(60)
print(held_bytes(os.getpid(), 0) - before)
os.kill(child, 9)
"""


def test_gaps_that_overlap_the_upload_count() -> None:
    viewer = Viewer()
    viewer.times_s = [0.0, 1.0, 1.1, 1.5, 1.6, 4.0]
    assert viewer.longest_gap_ms(1.05, 1.55) == pytest.approx(400)
    assert viewer.longest_gap_ms(0.5, 1.55) == pytest.approx(1000)
    assert viewer.longest_gap_ms(5, 6) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read on Linux")
def test_memory_of_child_processes_counts() -> None:
    # In a small process: one that starts a child is, for a moment, there twice.
    lines = subprocess.run(
        [sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True, timeout=120
    ).stdout.split()
    with_child, without = map(int, lines)
    assert 90e6 < with_child < 250e6
    assert without < 20e6


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read on Linux")
def test_a_child_that_is_being_started_is_no_copy_of_its_parent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTING], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) < 20e6


def test_the_video_that_claims_frames_is_refused() -> None:
    with pytest.raises(VideoError, match="too much memory"):
        check_video(claiming_video(), "clip.mp4", count_to=10)
