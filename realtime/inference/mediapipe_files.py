"""Paths of the networks in the installed mediapipe wheel, located without importing mediapipe.

Importing it takes seconds, because it imports TensorFlow if that is installed, and needs older
versions of NumPy and protobuf than the networks do.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from realtime.core.extras import install_command

PACKAGE = "mediapipe"
FACE_MESH = "face_landmark/face_landmark"
IRIS = "iris_landmark/iris_landmark"


def network_path(name: str) -> Path:
    """The path of a network in mediapipe's `modules/`, for example "face_landmark/face_landmark".

    Raises:
        FileNotFoundError: mediapipe is not installed, or this release lacks the network; the
            message says how to install the one that has it.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.submodule_search_locations:
        path = Path(spec.submodule_search_locations[0]) / f"modules/{name}.tflite"
        if path.is_file():
            return path
        raise FileNotFoundError(
            f"This release of mediapipe has no networks: run {install_command(PACKAGE)}."
        )
    raise FileNotFoundError(f"MediaPipe's networks are missing: run {install_command(PACKAGE)}.")


def missing(name: str) -> str:
    """Why a network cannot be used here, as a sentence that says what to do; empty if it can."""
    try:
        network_path(name)
    except FileNotFoundError as error:
        return str(error)
    return ""
