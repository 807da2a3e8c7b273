"""Shared fixtures: data sets, portraits from installed packages, and loaded networks."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import cv2
import numpy as np
import pylibsrtp  # noqa: F401  (crashes if imported after TensorFlow)
import pytest
from hypothesis import settings

import models
from benchmarks.mediapipe_python import mediapipe_python
from realtime.config import settings as server_settings
from realtime.core.faces import Frame
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
Thresholds = Callable[..., None]

# No deadline: a slow machine must not fail a property test.
settings.register_profile("facestream", deadline=None, derandomize=True)
settings.load_profile("facestream")
# For the same tests on other versions of Python and of packages: --hypothesis-profile few.
settings.register_profile("few", settings.get_profile("facestream"), max_examples=15)


@pytest.fixture(autouse=True)
def _server_settings() -> Iterator[None]:
    """Each test reads the server's settings anew, with the environment that it sets."""
    server_settings.cache_clear()
    yield
    server_settings.cache_clear()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what runs MediaPipe's code where the packages are too new for it."""
    if item.get_closest_marker("mediapipe") and mediapipe_python() != sys.executable:
        require_or_skip("needs older packages: make test-mediapipe")


def require_or_skip(reason: str) -> NoReturn:
    """Skip the test, or fail it if FACESTREAM_REQUIRE_ALL=1 is set."""
    if os.environ.get("FACESTREAM_REQUIRE_ALL") == "1":
        pytest.fail(f"FACESTREAM_REQUIRE_ALL=1: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the labelled data sets, `../shared/data`."""
    if not (DATA / "fer2013.zip").is_file():
        reason = f"no data sets in {DATA}"
        if os.environ.get("FACESTREAM_WITHOUT_DATA") == "1":
            pytest.skip(reason)
        require_or_skip(reason)
    return DATA


@pytest.fixture(scope="session")
def astronaut() -> Frame:
    """A 512x512 portrait of a smiling woman, from scikit-image."""
    from skimage import data

    return np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)


@pytest.fixture(scope="session")
def hopper() -> Frame:
    """A 512x600 portrait of a woman with glasses and a cap, from Matplotlib."""
    from matplotlib import cbook

    with cbook.get_sample_data("grace_hopper.jpg") as file:
        picture = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8)


@pytest.fixture(scope="session")
def networks() -> Networks:
    """All networks, warmed up. They are thread-safe, so all tests share them."""
    loaded = Networks()
    loaded.warm_up(AnalysisSettings())
    return loaded


@pytest.fixture
def thresholds(monkeypatch: pytest.MonkeyPatch) -> Thresholds:
    """A function that replaces the thresholds of all model cards, given fields of `Unsure`."""
    load = models.load

    def replace_thresholds(**values: float) -> None:
        unsure = models.Unsure(**values)
        monkeypatch.setattr(models, "load", lambda name: replace(load(name), unsure=unsure))

    return replace_thresholds
