"""Files beside the packages: in a clone at its root, in an installation in `realtime/app`."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]  # realtime
ROOT = PACKAGE.parent  # of the clone, or site-packages
CLONE = (ROOT / "pyproject.toml").is_file()  # whether this runs from a clone


def app_file(path: str) -> Path:
    """The path of a file that pyproject.toml copies into the wheel.

    Args:
        path: in the clone, such as "docs/about.md".
    """
    return ROOT / path if CLONE else PACKAGE / "app" / Path(path).name
