"""A picture in a file."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from realtime.core.arrays import Frame


@pytest.fixture(scope="session")
def astronaut_file(tmp_path_factory: pytest.TempPathFactory, astronaut: Frame) -> Path:
    """A PNG file with one smiling face."""
    path = tmp_path_factory.mktemp("pictures") / "astronaut.png"
    cv2.imwrite(str(path), astronaut)
    return path
