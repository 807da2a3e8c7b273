"""The Python that runs MediaPipe's own code, which needs NumPy 1 and protobuf 4.

An environment with current packages reads MediaPipe's networks, but cannot run its graphs.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

from realtime.core.installed import CLONE, ROOT

ENVIRONMENT = ".venv-mediapipe"
MAX_PROTOBUF = 4


def mediapipe_python() -> str | None:
    """The path of a Python with MediaPipe and what it needs; None: `make .venv-mediapipe`."""
    try:
        version("mediapipe")
        if int(version("protobuf").partition(".")[0]) <= MAX_PROTOBUF:
            return sys.executable
    except PackageNotFoundError:
        pass
    python = ROOT / ENVIRONMENT / "bin/python"
    return str(python) if CLONE and python.is_file() else None
