"""The result folders that the page may open: those below the operator's root."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from realtime.bulk.files import PARTS

MAX_DEPTH = 3
MAX_FOLDERS = 10_000  # that are looked at
MAX_SHOWN = 500


def result_folders(root: Path) -> dict[str, Path]:
    """The folders with results below a root, and the root itself, by their names relative to it.

    Links that lead out of the root are left out.
    """
    root = root.resolve()
    found: dict[str, Path] = {}
    for folder in _folders(root):
        if len(found) == MAX_SHOWN:
            break
        if next(folder.glob(PARTS), None) is not None:
            name = folder.relative_to(root).as_posix()
            found[root.name if name == "." else name] = folder
    return found


def _folders(root: Path) -> Iterator[Path]:
    looked_at = 0
    for path, names, _ in os.walk(root):
        folder = Path(path)
        looked_at += 1
        if looked_at > MAX_FOLDERS:
            return
        if len(folder.relative_to(root).parts) >= MAX_DEPTH:
            names.clear()
        names[:] = sorted(name for name in names if not name.startswith("."))
        yield folder
