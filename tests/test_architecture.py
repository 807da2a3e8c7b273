"""Imports run one way, and the runtime imports nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# A package may import those of the lines above its own; see docs/architecture.md.
LAYERS = (
    {"core"},
    {"config", "inference", "media", "models"},
    {"detect", "landmark"},
    {"attribute", "track"},
    {"render"},
    {"engine", "events", "output"},
    {"live", "results", "video", "watch"},
    {"bulk"},
    {"ui", "web"},
    {"pages"},
    {"commands", "serve", "server"},
    {"archive_commands"},
    {"__init__", "__main__", "cli"},
)
RANK = {package: rank for rank, layer in enumerate(LAYERS) for package in layer}
# `Faces.to_records` and `to_supervision` are conveniences that import when they are called.
EXCEPTIONS = {("core", "output")}
HEAVY = {"cv2", "av", "ai_edge_litert", "streamlit", "tensorflow", "keras", "mediapipe", "dlib"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def package_of(module: str) -> str | None:
    if module.startswith("realtime."):
        return module.split(".")[1]
    return "models" if module.partition(".")[0] == "models" else None


def runtime_files() -> list[Path]:
    return sorted((ROOT / "realtime").rglob("*.py"))


def test_every_package_has_a_layer() -> None:
    folders = {p.parent.name for p in (ROOT / "realtime").glob("*/__init__.py")}
    assert folders <= set(RANK)


@pytest.mark.parametrize("path", runtime_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    own = path.relative_to(ROOT / "realtime").with_suffix("").parts[0]
    for module in imports(path):
        assert module.partition(".")[0] not in {"training", "benchmarks", "tests"}, module
        other = package_of(module)
        if other is None or other == own or (own, other) in EXCEPTIONS:
            continue
        assert RANK[other] < RANK[own], f"{own} imports {module}"


def test_core_imports_numpy_alone() -> None:
    modules = {
        m.partition(".")[0] for p in (ROOT / "realtime/core").glob("*.py") for m in imports(p)
    }
    assert modules - set(sys.stdlib_module_names) <= {"numpy", "realtime"}


@pytest.mark.parametrize("module", ["realtime", "realtime.core.settings", "realtime.core.faces"])
def test_light_modules_import_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*{{m.partition('.')[0] for m in sys.modules}})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert not HEAVY & set(loaded)


def test_the_public_api_offers_what_it_lists() -> None:
    import realtime

    assert 10 <= len(realtime.__all__) <= 14
    for name in realtime.__all__:
        assert ">>>" in (getattr(realtime, name).__doc__ or ""), name
    assert set(realtime.__all__) <= set(dir(realtime))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = realtime.Nothing
