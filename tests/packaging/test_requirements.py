"""requirements.txt: for pip, made from uv.lock."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

LINES = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
PINS = dict(line.partition(";")[0].strip().split("==") for line in LINES if line[:1] != "#")


@pytest.mark.parametrize(
    "name",
    [
        "av",
        "dlib-bin",
        "mediapipe",
        "numpy",
        "opencv-python-headless",
        "pytest",
        "streamlit",
        "streamlit-webrtc",
        "tensorflow-cpu",
    ],
)
def test_it_has_the_packages_that_the_project_builds_on(name: str) -> None:
    assert name in PINS


@pytest.mark.parametrize(
    "name", ["jax", "jaxlib", "llvmlite", "numba", "opencv-contrib-python", "sentencepiece"]
)
def test_it_has_no_package_that_is_never_imported(name: str) -> None:
    assert name not in PINS


def test_backports_strenum_is_a_version_that_pip_installs_on_3_11() -> None:
    major, minor = map(int, PINS["backports-strenum"].split(".")[:2])
    assert (major, minor) < (1, 3)


def test_each_line_is_a_pinned_version() -> None:
    packages = [line for line in LINES if not line.startswith("#")]
    assert all(re.match(r"[a-z0-9-]+==[\w.]+( ; .+)?$", line) for line in packages)
