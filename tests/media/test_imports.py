"""The media package depends on the core package only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from realtime import media

MODULES = sorted(Path(media.__file__).parent.glob("*.py"))
ALLOWED = ("realtime.core", "realtime.media")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_media_imports_only_core_and_media(path: Path) -> None:
    imported = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
    own = {name for name in imported if name.split(".")[0] in ("realtime", "models", "training")}
    assert [name for name in sorted(own) if not name.startswith(ALLOWED)] == []
