"""Compressing a tiny run, and selecting, reporting and plotting synthetic metrics."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
import pytest

from training.batches import Batches
from training.certainty import ValidationFaces
from training.compress import run, variants
from training.compress.choice import explain, pareto_front, recommended
from training.compress.faces import EvaluationFaces, RunFaces
from training.compress.metrics import Row, accuracy_gain
from training.compress.plot import plot_compression
from training.compress.settings import read_settings
from training.compress.timing import time_interleaved
from training.data import DataError
from training.emotion import task as emotion
from training.emotion.task import EmotionConfig
from training.networks import NetworkSpec, build
from training.report import write_json


def a_row(name: str, ms: float, accuracy: float, size: int = 1_000_000) -> Row:
    def figure(value: float, half: float) -> dict[str, object]:
        return {"value": value, "interval": [value - half, value + half]}

    metrics = {
        "n": 100,
        "accuracy": figure(accuracy, 0.02),
        "macro_f1": figure(accuracy - 0.1, 0.03),
        "calibration_error": figure(0.02, 0.01),
        "gain": figure(accuracy - 0.85, 0.004),
        "same_answers": 0.97,
    }
    times = {"ms_batch_1": ms, "ms_batch_8": ms, "ratio_batch_1": ms, "ratio_batch_8": ms}
    facts = {"zeros": 0.5} if name.startswith("pruned") else {}
    sizes = {"bytes": size, "gzip_bytes": size // 2}
    return {"name": name, **sizes, **times, "validation": metrics, "test": metrics, "facts": facts}


ROWS = [
    a_row("float32", 1.0, 0.85, 2_800_000),
    a_row("float16", 1.01, 0.85, 1_400_000),
    a_row("int8-dynamic", 0.3, 0.845, 720_000),
    a_row("pruned-50", 1.0, 0.852, 1_400_000),
    a_row("slim-50", 0.2, 0.8, 350_000),
]


def test_pareto_front_contains_undominated_networks() -> None:
    assert [row["name"] for row in pareto_front(ROWS)] == ["slim-50", "int8-dynamic", "pruned-50"]
    assert [row["name"] for row in pareto_front(ROWS[:2])] == ["float32"]


def test_fastest_network_within_the_interval_is_recommended() -> None:
    assert recommended(ROWS)["name"] == "int8-dynamic"
    assert recommended(ROWS[:2])["name"] == "float32"
    first, pruned = explain(ROWS)
    assert "int8-dynamic" in first
    assert "97.0% of the predictions on test faces" in first
    assert "50% zeros" in pruned


def test_accuracy_gain_is_paired() -> None:
    truth = np.zeros(400, np.int64)
    right = np.tile(np.array([[0.9, 0.1]], np.float32), (400, 1))
    worse = right.copy()
    worse[:20] = worse[:20, ::-1]
    assert accuracy_gain(right, right, truth).rounded() == {"value": 0, "interval": [0, 0]}
    gain = accuracy_gain(worse, right, truth)
    assert gain.value == pytest.approx(-0.05)
    assert -0.08 < gain.low < -0.05 < gain.high < -0.02
    assert accuracy_gain(right[:0], right[:0], truth[:0]).value == 0


def test_plot_is_written(tmp_path: Path) -> None:
    plot_compression(ROWS, "synthetic", tmp_path / "compression.png")
    assert (tmp_path / "compression.png").read_bytes().startswith(b"\x89PNG")


def test_settings_of_older_runs_can_be_read(tmp_path: Path) -> None:
    default = EmotionConfig()
    saved = json.loads(json.dumps({"task": "emotion", "limit": None, **asdict(default)}))
    del saved["teachers"], saved["augment"]["p_flip"], saved["network"]["kind"]
    saved["network"]["widths"] = [8, 16]
    saved["fit"]["seed"] = 3
    saved["unknown"] = 1
    write_json(tmp_path / "config.json", saved)
    config = read_settings(emotion.TASK, tmp_path)
    assert (config.network.widths, config.network.kind) == ((8, 16), "residual")
    assert (config.fit.seed, config.augment) == (3, default.augment)
    hash(config)
    with pytest.raises(DataError, match="not a run folder"):
        read_settings(emotion.TASK, tmp_path / "nowhere")
    write_json(tmp_path / "config.json", {"task": "mask"})
    with pytest.raises(DataError, match="a run of the task mask"):
        read_settings(emotion.TASK, tmp_path)


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[Path, EmotionConfig, RunFaces]:
    """A run folder with an untrained network for 8 px crops, its settings and 40 faces."""
    keras.utils.set_random_seed(0)
    config = EmotionConfig(network=NetworkSpec(8, 1, 7, widths=(4, 8), blocks=(1,)))
    folder = tmp_path / "tiny"
    folder.mkdir()
    build(config.network).save_weights(folder / "best.weights.h5")
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 256, (40, 8, 8, 1)).astype(np.uint8)
    truth = np.arange(40) % 7
    held = ValidationFaces(
        crops, truth, np.zeros((40, 30, 2), np.float32), np.zeros(40, np.float32)
    )
    labels = np.eye(7, dtype=np.float32)[truth]

    def batches() -> Batches:
        weights = np.ones(40, np.float32)
        return Batches(weights, lambda rows, rng: (crops[rows], labels[rows]), batch=20, seed=0)

    test = EvaluationFaces("test", crops[:20], truth[:20])
    return folder, config, RunFaces(held, test, batches)


def test_run_writes_networks_tables_and_a_plot(
    tiny: tuple[Path, EmotionConfig, RunFaces], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, config, faces = tiny
    # One variant of each kind; the others have their own tests.
    names = ("float32", "float16", "pruned-50")
    monkeypatch.setattr(variants, "VARIANTS", {name: variants.VARIANTS[name] for name in names})
    monkeypatch.setattr(run, "VARIANTS", variants.VARIANTS)
    out = tmp_path / "out"
    arguments = (emotion.TASK.labels, folder, config, faces, out)
    lines = run.compare(*arguments, epochs=1, rounds=2)
    saved = json.loads((out / "table.json").read_text())
    assert [row["name"] for row in saved["rows"]] == list(names)
    assert saved["recommended"] in names
    rows = {row["name"]: row for row in saved["rows"]}
    assert rows["float32"]["bytes"] > rows["float16"]["bytes"]
    assert rows["pruned-50"]["facts"]["zeros"] == pytest.approx(0.5, abs=0.02)
    assert rows["float16"]["ratio_batch_1"] == 1
    assert "pruned-50" in (out / "table.md").read_text()
    assert "\n".join(lines).count("Recommended") == 1
    assert (out / "compression.png").stat().st_size > 10_000
    made = {name: (out / f"{name}.tflite").stat().st_mtime_ns for name in names}
    run.compare(*arguments, epochs=1, rounds=2)
    assert made == {name: (out / f"{name}.tflite").stat().st_mtime_ns for name in names}
    with pytest.raises(ValueError, match="different settings"):
        run.compare(*arguments, epochs=2, rounds=2)
    timings = time_interleaved({"a": out / "float32.tflite"}, reference="a", rounds=1)
    assert set(timings["a"].ms) == {1, 8}
