"""Detector names and their options, requirements, default thresholds, and lazy imports."""

import importlib.util
import subprocess
import sys
from typing import Any

import pytest

from realtime.core.settings import AnalysisSettings
from realtime.detect import DETECTORS, DetectorMissingError, create_detector, detector_entry
from realtime.detect.mtcnn import MtcnnThresholds
from realtime.detect.registry import DEFAULT_MEMBERS, mtcnn_name
from realtime.engine.acceptance import min_photo_score
from tests.conftest import ROOT

OPTIONAL = ("tensorflow", "keras", "mtcnn", "dlib", "mediapipe")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("haar2", r"Unknown detector 'haar2': choose one of .*blazeface-full"),
        ("haar:3", "Unknown detector"),
        ("mtcnn:", "two thresholds"),
        ("mtcnn:0.6", "two thresholds"),
        ("mtcnn:0.6/1.7", "two thresholds"),
        ("mtcnn:a/b", "two thresholds"),
        ("ensemble:", "at least two different detectors"),
        ("ensemble:haar", "at least two different detectors"),
        ("ensemble:haar+haar", "at least two different detectors"),
        ("ensemble:haar+none", "Unknown detector 'none'"),
        ("ensemble:haar+", "Unknown detector ''"),
        ("ensemble:haar+ensemble", "cannot contain another ensemble"),
    ],
)
def test_invalid_names_are_rejected(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        detector_entry(name)
    with pytest.raises(ValueError, match=message):
        create_detector(name)


@pytest.mark.parametrize("name", DETECTORS)
def test_entries_are_complete(name: str) -> None:
    entry = detector_entry(name)
    assert entry.name
    assert entry.strength
    assert 0 < entry.min_score < entry.high_precision_score < 1
    assert 0 < entry.weight <= 1
    assert entry.live_refusal == "" or entry.live_refusal.endswith(".")
    assert not entry.missing
    assert all(path.is_file() for path in entry.files())


def test_ensemble_entry_follows_from_its_members() -> None:
    pair = detector_entry("ensemble:blazeface-full+blazeface-short")
    assert pair.name == "Ensemble of BlazeFace full range and BlazeFace short range"
    assert list(pair.members) == ["blazeface-full", "blazeface-short"]
    assert pair.members["blazeface-full"].min_score == DETECTORS["blazeface-full"].min_score
    assert not pair.multi_scale
    assert not pair.live_refusal
    slow = detector_entry("ensemble:blazeface-full+mtcnn:0.5/0.6+hog")
    assert slow.multi_scale
    assert "MTCNN and dlib HOG" in slow.live_refusal
    assert set(slow.packages) == {"mediapipe", "mtcnn", "tensorflow", "dlib"}
    assert tuple(DETECTORS["ensemble"].members) == DEFAULT_MEMBERS


def test_mtcnn_name_contains_its_thresholds() -> None:
    assert mtcnn_name(MtcnnThresholds()) == "mtcnn"
    assert mtcnn_name(MtcnnThresholds(0.5, 0.65)) == "mtcnn:0.5/0.65"
    assert detector_entry("mtcnn:0.5/0.65").title == DETECTORS["mtcnn"].title
    with pytest.raises(ValueError, match="refine"):
        MtcnnThresholds(0.5, 0)


@pytest.mark.parametrize(
    ("name", "package", "sentence"),
    [
        ("mtcnn", "mtcnn", "MTCNN is not installed: run make extra-mtcnn."),
        ("hog", "dlib", "dlib HOG is not installed: run pip install dlib-bin."),
        ("ensemble:haar+mtcnn", "tensorflow", "make extra-mtcnn."),
        ("ensemble:haar+hog", "dlib", "pip install dlib-bin."),
    ],
)
def test_missing_package_is_reported(
    name: str, package: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(package, monkeypatch)
    assert detector_entry(name).missing.endswith(sentence)
    with pytest.raises(DetectorMissingError, match=sentence):
        create_detector(name)


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("import realtime.detect", (*OPTIONAL, "cv2", "ai_edge_litert")),
        (
            "from realtime.detect import DETECTORS; import realtime.engine.networks;"
            "[e.missing for e in DETECTORS.values()]",
            OPTIONAL,
        ),
    ],
    ids=["import", "list"],
)
def test_registry_imports_detectors_lazily(code: str, modules: tuple[str, ...]) -> None:
    code += f"\nimport sys; print([m for m in {modules} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_each_detector_has_its_own_min_score_unless_one_is_chosen() -> None:
    for name, entry in DETECTORS.items():
        settings = AnalysisSettings(detector=name)
        assert entry.stream_min_score == (entry.multi_pass_min_score or entry.min_score)
        if entry.multi_scale:
            shown_to = DETECTORS[entry.photo_variant] if entry.photo_variant else entry
            assert min_photo_score(settings) == (shown_to.certain_score or shown_to.min_score)
        else:
            assert min_photo_score(settings) == entry.stream_min_score
        chosen = AnalysisSettings(detector=name, min_score=0.77)
        assert min_photo_score(chosen) == 0.77


def without(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a package appear not to be installed."""
    find = importlib.util.find_spec

    def absent(name: str, *args: Any) -> Any:
        return None if name == package else find(name, *args)

    monkeypatch.setattr(importlib.util, "find_spec", absent)
