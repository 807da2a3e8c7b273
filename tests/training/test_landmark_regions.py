"""The cache of face regions is invalidated when a network that produced them changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from realtime.detect import DETECTORS
from training.landmarks import regions


@pytest.fixture
def key_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Mapping[str, Any]]:
    """Returns the cache key for given detector and mesh weights, without running a network."""
    keys: list[Mapping[str, Any]] = []

    def cached(_name: str, settings: Mapping[str, Any], _build: object) -> dict[str, Any]:
        keys.append(settings)
        return {}

    def key(detector: bytes = b"detector", mesh: bytes = b"mesh") -> Mapping[str, Any]:
        weights = tmp_path / "detector.tflite"
        weights.write_bytes(detector)
        (tmp_path / "mesh.tflite").write_bytes(mesh)
        entry = replace(DETECTORS["facestream"], files=lambda: [weights])
        monkeypatch.setitem(DETECTORS, "facestream", entry)
        regions.detect_regions([], "test", "facestream", fingerprint="data")
        return keys[-1]

    monkeypatch.setattr(regions, "cached", cached)
    shipped = SimpleNamespace(path=tmp_path / "mesh.tflite")
    monkeypatch.setattr(regions.models, "load", lambda _: shipped)
    return key


def test_same_weights_share_a_cache_entry(key_of: Callable[..., Mapping[str, Any]]) -> None:
    assert key_of() == key_of()


@pytest.mark.parametrize("network", ["detector", "mesh"])
def test_new_weights_invalidate_the_cache(
    network: str, key_of: Callable[..., Mapping[str, Any]]
) -> None:
    assert key_of(**{network: b"retrained"}) != key_of()


def test_packaged_detector_is_keyed_by_its_version() -> None:
    # dlib's HOG detector has no weights file: its weights are compiled into the package.
    assert regions.network_versions("hog")["dlib-bin"] == metadata.version("dlib-bin")
