"""Files of the installed mediapipe wheel, found without importing mediapipe.

Importing the package takes seconds, because it imports TensorFlow where that is installed.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path


def package_file(relative: str) -> Path:
    """The path of a file of the mediapipe package.

    Raises:
        FileNotFoundError: mediapipe is not installed, or this release lacks the file.
    """
    spec = importlib.util.find_spec("mediapipe")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("The mediapipe package is missing: install mediapipe 0.10.21.")
    path = Path(spec.submodule_search_locations[0]) / relative
    if not path.is_file():
        raise FileNotFoundError(
            f"This mediapipe has no {relative}: install mediapipe 0.10.21, the last release whose "
            "wheel carries its networks."
        )
    return path


def network_path(name: str) -> Path:
    """The path of a network below mediapipe's `modules/`, such as "face_landmark/face_landmark".

    Raises:
        FileNotFoundError: as for `package_file`.
    """
    return package_file(f"modules/{name}.tflite")
