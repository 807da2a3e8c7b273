"""Loading models by name, and the error messages."""

from __future__ import annotations

from pathlib import Path

import pytest

import models
from models import ModelError, Unsure
from training.export import write_folder

LABELS = ("yes", "no")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A models folder with one model, `demo`, whose network is four bytes."""
    network = tmp_path / "network"
    network.write_bytes(b"net!")
    card = {
        "task": "demo",
        "labels": list(LABELS),
        "input": {"side_px": 8, "channels": 1, "zoom": 1.0},
        "metrics": {"set": {"n": 3, "accuracy": {"value": 0.5, "interval": [0.25, 0.75]}}},
    }
    write_folder(tmp_path / "models" / "demo", network, LABELS, card)
    return tmp_path / "models"


def test_written_folder_loads(root: Path) -> None:
    model = models.load("demo", root=root)
    assert model.labels == LABELS
    assert (model.side_px, model.channels, model.zoom) == (8, 1, 1.0)
    assert model.path.read_bytes() == b"net!"
    assert model.card["metrics"]["set"]["accuracy"]["interval"] == [0.25, 0.75]
    assert model.card["size_bytes"] == 4
    assert models.names(root=root) == ["demo"]


@pytest.mark.parametrize("file", ["card.toml", "model.tflite", "labels.txt"])
def test_missing_file(root: Path, file: str) -> None:
    (root / "demo" / file).unlink()
    with pytest.raises(ModelError, match=f"the file {file} is missing"):
        models.load("demo", root=root)


def test_missing_model(root: Path) -> None:
    with pytest.raises(ModelError, match=r"Unknown model 'other'\. Available models: demo\."):
        models.load("other", root=root)


def test_network_that_does_not_match_the_card(root: Path) -> None:
    (root / "demo" / "model.tflite").write_bytes(b"nut!")
    with pytest.raises(ModelError, match="SHA-256"):
        models.load("demo", root=root)


def test_labels_that_do_not_match_the_card(root: Path) -> None:
    (root / "demo" / "labels.txt").write_text("no\nyes\n")
    with pytest.raises(ModelError, match=r"labels in card\.toml and labels\.txt differ"):
        models.load("demo", root=root)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("side_px = 8, ", "", "lacks the key input.side_px"),
        ("side_px = 8", 'side_px = "8"', "invalid value for input.side_px: '8'"),
        ("channels = 1", "channels = 2", "channels must be 1 or 3, got 2"),
        ("sha256 = ", "sha257 = ", "lacks the key sha256"),
        ("task = ", "task ", "is not valid TOML"),
    ],
)
def test_invalid_card(root: Path, old: str, new: str, message: str) -> None:
    card = root / "demo" / "card.toml"
    text = card.read_text()
    assert old in text
    card.write_text(text.replace(old, new))
    with pytest.raises(ModelError, match=message):
        models.load("demo", root=root)


def add_unsure(root: Path, text: str) -> None:
    card = root / "demo" / "card.toml"
    card.write_text(f"{text}\n{card.read_text()}" if "[" not in text else card.read_text() + text)


def test_card_without_thresholds(root: Path) -> None:
    assert models.load("demo", root=root).unsure == Unsure()
    assert Unsure().masked_confidence is None


def test_thresholds_are_optional(root: Path) -> None:
    add_unsure(root, "\n[unsure]\nmin_side_px = 20\nmasked_confidence = 0.55\n")
    assert models.load("demo", root=root).unsure == Unsure(min_side_px=20.0, masked_confidence=0.55)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unsure = 0.5", "invalid value for unsure: 0.5"),
        ('[unsure]\nconfidence = "0.5"', "invalid value for unsure.confidence: '0.5'"),
        ("[unsure]\nconfidence = true", "invalid value for unsure.confidence: True"),
        ("[unsure]\nconfidence = 1.5", "unsure.confidence must be between 0 and 1, got 1.5"),
        ("[unsure]\nconfidence = nan", "unsure.confidence must be between 0 and 1, got nan"),
        ("[unsure]\nmin_side_px = -1", "unsure.min_side_px must be between .*, got -1"),
        ("[unsure]\nmin_sharpness = inf", "unsure.min_sharpness must be between .*, got inf"),
        ("[unsure]\nmax_yaw_deg = 91", "unsure.max_yaw_deg must be between 0 and 90, got 91"),
        (
            "[unsure]\nmasked_confidence = -0.1",
            "unsure.masked_confidence must be between .*, got -0.1",
        ),
        ("[unsure]\nmasked_temperature = 0", "unsure.masked_temperature must be between .*, got 0"),
        ("[unsure]\nmin_size_px = 20", "unknown key unsure.min_size_px. Valid keys: confidence, "),
    ],
)
def test_invalid_thresholds(root: Path, text: str, message: str) -> None:
    add_unsure(root, text)
    with pytest.raises(ModelError, match=message):
        models.load("demo", root=root)


@pytest.mark.parametrize("name", ["emotion", "mask"])
def test_shipped_models_return_probabilities(name: str) -> None:
    import numpy as np

    from realtime.attribute.registry import EMOTION, MASK
    from realtime.inference.litert import LiteRTModel

    model = models.load(name)
    assert model.labels == {"emotion": EMOTION.labels, "mask": MASK.labels}[name]
    network = LiteRTModel(model.path)
    rng = np.random.default_rng(0)
    for n in (0, 1, 3, 11):
        shape = (n, model.side_px, model.side_px, model.channels)
        (prob,) = network(rng.integers(0, 256, shape).astype(np.float32))
        assert prob.shape == (n, len(model.labels))
        np.testing.assert_allclose(prob.sum(axis=1), 1, atol=1e-4)


@pytest.mark.parametrize(("name", "max_bytes"), [("emotion", 2_000_000), ("mask", 1_000_000)])
def test_shipped_models_are_small(name: str, max_bytes: int) -> None:
    model = models.load(name)
    assert model.path.stat().st_size == model.card["size_bytes"] <= max_bytes


@pytest.mark.parametrize("name", ["emotion", "mask"])
def test_batch_equals_single_faces(name: str) -> None:
    import numpy as np

    from realtime.inference.litert import LiteRTModel

    model = models.load(name)
    network = LiteRTModel(model.path)
    shape = (7, model.side_px, model.side_px, model.channels)
    crops = np.random.default_rng(1).integers(0, 256, shape).astype(np.float32)
    alone = np.concatenate([network(crop[None])[0] for crop in crops])
    np.testing.assert_allclose(network(crops)[0], alone, atol=1e-4)
