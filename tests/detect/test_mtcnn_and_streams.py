"""MTCNN's TensorFlow and aiortc in one process, as on a server."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from realtime.detect import create_detector
create_detector("mtcnn")
import aiortc
print("imported")
"""


def test_aiortc_can_be_imported_after_mtcnn() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("imported")
