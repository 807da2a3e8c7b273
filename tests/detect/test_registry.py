"""Detectors by name: what they need, and the error where that is missing."""

import importlib.util
import subprocess
import sys
from typing import Any

import pytest

from realtime.core.settings import AnalysisSettings
from realtime.detect import DETECTORS, DetectorMissingError, create_detector, detector_entry
from realtime.detect.mtcnn import MtcnnThresholds
from realtime.detect.registry import USUAL_MEMBERS, mtcnn_name
from realtime.engine.acceptance import min_photo_score
from tests.conftest import ROOT

HEAVY = ("tensorflow", "keras", "mtcnn", "dlib", "mediapipe")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("haar2", r"no detector 'haar2': choose one of .*blazeface-full"),
        ("haar:3", "no detector"),
        ("mtcnn:", "two thresholds"),
        ("mtcnn:0.6", "two thresholds"),
        ("mtcnn:0.6/1.7", "two thresholds"),
        ("mtcnn:a/b", "two thresholds"),
        ("ensemble:", "two detectors or more"),
        ("ensemble:haar", "two detectors or more"),
        ("ensemble:haar+haar", "each once"),
        ("ensemble:haar+none", "no detector 'none'"),
        ("ensemble:haar+", "no detector ''"),
        ("ensemble:haar+ensemble", "cannot be a member"),
    ],
)
def test_names_that_cannot_be_say_what_can(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        detector_entry(name)
    with pytest.raises(ValueError, match=words):
        create_detector(name)


@pytest.mark.parametrize("name", DETECTORS)
def test_entries_tell_what_a_user_needs(name: str) -> None:
    entry = detector_entry(name)
    assert entry.name
    assert entry.strength
    assert 0 < entry.min_score < entry.sure_score < 1
    assert 0 < entry.weight <= 1
    assert entry.not_live == "" or entry.not_live.endswith(".")
    assert not entry.missing
    assert all(path.is_file() for path in entry.files())


def test_an_ensemble_is_made_to_measure() -> None:
    pair = detector_entry("ensemble:blazeface-full+blazeface-short")
    assert pair.name == "Ensemble of BlazeFace full range and BlazeFace short range"
    assert list(pair.members) == ["blazeface-full", "blazeface-short"]
    assert pair.members["blazeface-full"].min_score == DETECTORS["blazeface-full"].min_score
    assert not pair.multi_scale
    assert not pair.not_live
    slow = detector_entry("ensemble:blazeface-full+mtcnn:0.5/0.6+hog")
    assert slow.multi_scale
    assert "MTCNN and dlib HOG" in slow.not_live
    assert set(slow.packages) == {"mtcnn", "tensorflow", "dlib"}
    assert tuple(DETECTORS["ensemble"].members) == USUAL_MEMBERS


def test_mtcnn_carries_its_thresholds_in_its_name() -> None:
    assert mtcnn_name(MtcnnThresholds()) == "mtcnn"
    assert mtcnn_name(MtcnnThresholds(0.5, 0.65)) == "mtcnn:0.5/0.65"
    assert detector_entry("mtcnn:0.5/0.65").title == DETECTORS["mtcnn"].title
    with pytest.raises(ValueError, match="refine"):
        MtcnnThresholds(0.5, 0)


@pytest.mark.parametrize(
    ("name", "package", "sentence"),
    [
        ("mtcnn", "mtcnn", "MTCNN cannot be used here: install it with make extra-mtcnn."),
        ("hog", "dlib", "dlib HOG cannot be used here: install it with pip install dlib-bin."),
        ("ensemble:haar+mtcnn", "tensorflow", "make extra-mtcnn."),
        ("ensemble:haar+hog", "dlib", "pip install dlib-bin."),
    ],
)
def test_a_missing_package_is_named_in_one_sentence(
    name: str, package: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(package, monkeypatch)
    assert detector_entry(name).missing.endswith(sentence)
    with pytest.raises(DetectorMissingError, match=sentence):
        create_detector(name)


def test_listing_detectors_imports_none_of_their_packages() -> None:
    code = (
        "import sys; from realtime.detect import DETECTORS; import realtime.engine.networks;"
        "[e.missing for e in DETECTORS.values()];"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_each_detector_has_its_own_min_score_unless_one_is_chosen() -> None:
    for name, entry in DETECTORS.items():
        settings = AnalysisSettings(detector=name)
        assert entry.stream_min_score == (entry.repeated_min_score or entry.min_score)
        if entry.multi_scale:
            shown_to = DETECTORS[entry.still] if entry.still else entry
            assert min_photo_score(settings) == shown_to.min_score
        else:
            assert min_photo_score(settings) == entry.stream_min_score
        chosen = AnalysisSettings(detector=name, min_score=0.77)
        assert min_photo_score(chosen) == 0.77


def without(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let that package seem not to be installed."""
    find = importlib.util.find_spec

    def absent(name: str, *more: Any) -> Any:
        return None if name == package else find(name, *more)

    monkeypatch.setattr(importlib.util, "find_spec", absent)
