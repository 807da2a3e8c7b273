"""Reading arrays stored by `np.savez_compressed`, with a clear error for a damaged file."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.landmark.types import LandmarkFileError

_DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    RuntimeError,  # encrypted, or a compression that zipfile does not know
    zipfile.BadZipFile,
    zlib.error,
)


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The arrays of these names.

    Raises:
        LandmarkFileError: the file is missing, damaged or something else.
    """
    if not path.is_file():
        raise LandmarkFileError(f"There is no landmark model {path}.")
    try:
        # Opened as a zip first: NumPy would take anything else for one of its other formats.
        with zipfile.ZipFile(path), np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in names}
        if not all(isinstance(array, np.ndarray) for array in arrays.values()):
            raise ValueError("it contains something else than arrays")  # NumPy then gives bytes
        return arrays
    except _DAMAGED as error:
        raise LandmarkFileError(f"The landmark model {path} is damaged: {error}.") from error
