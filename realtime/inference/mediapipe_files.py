"""Paths of files in the installed mediapipe wheel, located without importing mediapipe.

Importing it takes seconds, because it imports TensorFlow if that is installed.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path


def package_file(relative: str) -> Path:
    """The path of a file in the mediapipe package.

    Args:
        relative: its path inside the package.

    Raises:
        FileNotFoundError: mediapipe is not installed, or this release lacks the file.
    """
    spec = importlib.util.find_spec("mediapipe")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("The mediapipe package is missing: install mediapipe 0.10.21.")
    path = Path(spec.submodule_search_locations[0]) / relative
    if not path.is_file():
        raise FileNotFoundError(
            f"Install mediapipe 0.10.21, the last release whose wheel contains the networks: this "
            f"one has no {relative}."
        )
    return path


def network_path(name: str) -> Path:
    """The path of a network in mediapipe's `modules/`, for example "face_landmark/face_landmark".

    Raises:
        FileNotFoundError: mediapipe is not installed, or this release lacks the network.
    """
    return package_file(f"modules/{name}.tflite")
