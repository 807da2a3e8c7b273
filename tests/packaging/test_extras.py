"""The runtime works without any extra; a missing one is reported with the command to install it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from benchmarks.moving_faces import head_crops
from realtime.core import extras
from realtime.core.arrays import Frame
from realtime.core.extras import (
    EXTRAS,
    extra_with,
    install_command,
    missing_module,
    missing_packages,
    run_command,
)
from tests.conftest import ROOT

ALL_EXTRAS = sorted({name for names in EXTRAS.values() for name in names})
# Together with what the development group would bring.
HEAVY = [*ALL_EXTRAS, "ensemble_boxes", "scipy"]


def python(code: str, *arguments: str, without: list[str]) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own in which these modules cannot be imported."""
    block = f"import sys; sys.modules.update(dict.fromkeys({without!r}))\n"
    return subprocess.run(
        [sys.executable, "-c", block + code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_extras_are_those_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    # "tensorflow" is only there for others to include.
    assert set(EXTRAS) == set(project["optional-dependencies"]) - {"tensorflow"}
    assert missing_packages(ALL_EXTRAS) == []


def test_the_runtime_imports_no_extra() -> None:
    code = """
import importlib, pkgutil, realtime
for module in pkgutil.walk_packages(realtime.__path__, "realtime."):
    if not module.name.startswith(("realtime.web", "realtime.pages")):
        importlib.import_module(module.name)
"""
    done = python(code, without=HEAVY)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_photo_is_analysed_without_any_extra(astronaut_file: Path) -> None:
    code = f"from realtime.__main__ import main; sys.exit(main(['photo', {str(astronaut_file)!r}]))"
    done = python(code, without=HEAVY)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "1 face" in done.stdout


def test_latency_is_measured_without_any_extra() -> None:
    code = "from benchmarks.__main__ import main; sys.exit(main(['latency', *sys.argv[1:]]))"
    arguments = ["--faces", "1", "--runs", "2", "--warm-up", "2", "--size", "640x480"]
    done = python(code, *arguments, without=HEAVY)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_benchmarks_heads_are_those_of_the_packages(astronaut: Frame, hopper: Frame) -> None:
    heads = head_crops()
    np.testing.assert_array_equal(heads[0], astronaut[30:202, 138:310])
    np.testing.assert_array_equal(heads[1], hopper[50:400, 88:438])


@pytest.mark.parametrize("page", ["about", "archive", "benchmarks", "explore", "photo", "video"])
def test_each_page_runs_without_any_extra(page: str) -> None:
    code = f"""
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("realtime/pages/{page}.py", default_timeout=60).run()
assert not page.exception, page.exception
"""
    done = python(code, without=HEAVY)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    ("module", "arguments", "missing", "command"),
    [
        ("training", ["emotion"], "keras", "make extra-train"),
        ("training", ["gender"], "sklearn", "make extra-train"),
        ("benchmarks", ["stream"], "playwright", "make extra-bench"),
        ("benchmarks", ["api"], "flask", "make extra-web"),
        ("realtime.web", [], "waitress", "make extra-web"),
        ("realtime.web", [], "flask", "make extra-web"),
    ],
)
def test_a_command_without_its_extra_prints_one_sentence(
    module: str, arguments: list[str], missing: str, command: str
) -> None:
    code = f"""
import runpy
sys.argv = ["", *{arguments!r}]
runpy.run_module("{module}", run_name="__main__", alter_sys=True)
"""
    done = python(code, without=[missing])
    assert done.returncode == 1
    assert done.stderr == f"The package {missing} is missing: install it with {command}.\n"


def test_mtcnn_without_its_extra_is_one_sentence(astronaut_file: Path) -> None:
    code = f"""
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "mtcnn" else find(name, *more)
from realtime.__main__ import main
sys.exit(main(["photo", {str(astronaut_file)!r}, "--detector", "mtcnn"]))
"""
    done = python(code, without=[])
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("MTCNN ")
    assert sentence.endswith(" make extra-mtcnn.")


@pytest.mark.parametrize(
    "options", [["--gaze"], ["--landmarks", "mediapipe-mesh"], ["--detector", "blazeface-full"]]
)
def test_mediapipes_networks_without_their_extra_are_one_sentence(
    astronaut_file: Path, options: list[str]
) -> None:
    code = "from realtime.__main__ import main; sys.exit(main(['photo', *sys.argv[1:]]))"
    done = python(code, str(astronaut_file), *options, without=["mediapipe"])
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.endswith(" make extra-mediapipe.")


def test_pages_offer_what_is_installed() -> None:
    code = """
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("realtime/pages/photo.py", default_timeout=60)
page.query_params["gaze"] = "true"
page.query_params["landmarks"] = "mediapipe-mesh"
page.run()
assert not page.exception, page.exception
gaze = next(t for t in page.toggle if t.label == "Gaze")
assert gaze.disabled and not gaze.value and "make extra-mediapipe" in gaze.help
landmarks = next(s for s in page.selectbox if s.label == "Landmarks")
assert landmarks.value == "mesh" and "MediaPipe mesh" not in landmarks.options
"""
    done = python(code, without=HEAVY)
    assert done.returncode == 0, done.stderr[-2000:]


def test_only_the_files_of_mediapipe_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "CLONE", False)
    assert install_command("mediapipe") == "pip install --no-deps mediapipe==0.10.21"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["optional-dependencies"]["mediapipe"]
    assert any(line.startswith(extras.FILES_ONLY["mediapipe"]) for line in declared)


def test_outside_of_a_clone_pip_installs_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "CLONE", False)
    assert install_command("web") == 'pip install "facestream[web]"'


def test_the_likeliest_extra_is_named_first() -> None:
    error = ModuleNotFoundError("No module named 'sklearn.svm'", name="sklearn.svm")
    assert "extra-web" in missing_module(error)
    assert "extra-train" in missing_module(error, "train")
    assert extra_with(["tensorflow"]) == "mtcnn"
    assert extra_with(["dlib"]) is None


def test_a_missing_module_of_no_extra_is_an_error() -> None:
    def main() -> int:
        raise ModuleNotFoundError("No module named 'realtime.typo'", name="realtime.typo")

    with pytest.raises(ModuleNotFoundError, match="typo"):
        run_command(main, "train")
