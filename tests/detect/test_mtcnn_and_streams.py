"""MTCNN's TensorFlow and the live stream's libraries in one process, as on a server."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from realtime.detect import create_detector
create_detector("mtcnn")
import aiortc
print("both")
"""


def test_a_stream_can_begin_after_mtcnn_was_used() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("both")
