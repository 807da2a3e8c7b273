"""What is in the wheel; `.ci/packaging` installs it."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

from realtime.core import installed
from realtime.core.installed import app_file
from tests.conftest import ROOT, require_or_skip


@pytest.fixture(scope="module")
def wheel_files(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel built from this clone."""
    local = ROOT / ".uv/bin/uv"
    uv = shutil.which("uv") or (str(local) if local.is_file() else None)
    if uv is None:
        require_or_skip("uv builds the wheel: make .uv/bin/uv")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [uv, "build", "--wheel", "--quiet", "--out-dir", str(folder)], cwd=ROOT, check=True
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        return set(file.namelist())


def committed(folder: str) -> list[str]:
    """The files of a folder that belong to the project."""
    listing = subprocess.run(
        ["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("package", ["realtime", "models", "training", "benchmarks"])
def test_a_package_is_complete(package: str, wheel_files: set[str]) -> None:
    assert set(committed(package)) <= wheel_files
    assert "realtime/py.typed" in wheel_files


def test_top_level_names_are_the_packages(wheel_files: set[str]) -> None:
    names = {name.partition("/")[0] for name in wheel_files if ".dist-info/" not in name}
    assert names == {"realtime", "models", "training", "benchmarks"}


def test_files_from_beside_the_packages_are_where_the_code_looks(
    wheel_files: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for source, target in included.items():
        assert app_file(source) == ROOT / source
        assert app_file(source).is_file()
        assert target in wheel_files
    monkeypatch.setattr(installed, "CLONE", False)
    for source in ("stream_app.py", "docs/about.md"):
        assert app_file(source).relative_to(ROOT) == Path(included[source])
