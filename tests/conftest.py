"""What all tests share: the data folder, faces from wheels, warm networks."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import cv2
import numpy as np
import pylibsrtp  # noqa: F401  (crashes where a test imported TensorFlow before)
import pytest
from hypothesis import settings

import models
from realtime.core.faces import Frame
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
Thresholds = Callable[..., None]

# One slow machine must not make a property fail.
settings.register_profile("facestream", deadline=None, derandomize=True)
settings.load_profile("facestream")


def require_or_skip(reason: str) -> NoReturn:
    """Skip the test, or fail it where FACESTREAM_REQUIRE_ALL=1 says that nothing may be missing."""
    if os.environ.get("FACESTREAM_REQUIRE_ALL") == "1":
        pytest.fail(f"required here: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the labelled data sets, `../shared/data`."""
    if not (DATA / "fer2013.zip").is_file():
        reason = f"the data sets are not at {DATA}"
        if os.environ.get("FACESTREAM_WITHOUT_DATA") == "1":
            pytest.skip(reason)
        require_or_skip(reason)
    return DATA


@pytest.fixture(scope="session")
def astronaut() -> Frame:
    """A 512x512 picture of one woman's face, smiling, from scikit-image's wheel."""
    from skimage import data

    return np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)


@pytest.fixture(scope="session")
def hopper() -> Frame:
    """A 512x600 picture of one woman's face with glasses and a cap, from Matplotlib's wheel."""
    from matplotlib import cbook

    with cbook.get_sample_data("grace_hopper.jpg") as file:
        picture = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8)


@pytest.fixture(scope="session")
def networks() -> Networks:
    """All networks, warm; they lock themselves, so every test may share them."""
    loaded = Networks()
    loaded.warm_up(AnalysisSettings())
    return loaded


@pytest.fixture
def thresholds(monkeypatch: pytest.MonkeyPatch) -> Thresholds:
    """Called with some of `models.Unsure`'s values, puts them in the place of each card's own."""
    load = models.load

    def put(**values: float) -> None:
        unsure = models.Unsure(**values)
        monkeypatch.setattr(models, "load", lambda name: replace(load(name), unsure=unsure))

    return put
