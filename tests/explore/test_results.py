"""Reading stored results; missing and damaged files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import models
from realtime.results.classifiers import ACCURACY, parse_accuracy
from realtime.results.detectors import DETECTION
from realtime.results.landmarks import IMPACT, LANDMARKS
from realtime.results.speed import LATENCY, STREAM
from realtime.results.stored import FOLDER, Interval, ResultsError, StoredResults
from tests.explore.sample_results import IMPACT_JSON, LANDMARKS_JSON

ALL: tuple[StoredResults[Any], ...] = (ACCURACY, DETECTION, LANDMARKS, IMPACT, LATENCY, STREAM)


def test_classifier_metrics_are_consistent() -> None:
    run = ACCURACY.read()
    assert {"emotion", "mask", "gender"} <= set(run.models)
    for accuracy in run.models.values():
        for metrics in accuracy.labelled:
            assert metrics.accuracy.low <= metrics.accuracy.value <= metrics.accuracy.high
            assert sum(c.faces for c in metrics.classes) == metrics.faces
            assert sum(map(sum, metrics.confusion)) == metrics.faces
            assert sum(b.faces for b in metrics.reliability) == metrics.faces
            correct = sum(row[i] for i, row in enumerate(metrics.confusion))
            assert correct / metrics.faces == pytest.approx(metrics.accuracy.value, abs=1e-4)


def test_mask_has_bare_face_sets_and_gender_has_groups() -> None:
    run = ACCURACY.read()
    bare = run.models["mask"].bare
    assert bare
    assert all(0 <= metrics.confident_masked <= metrics.masked for metrics in bare)
    assert any(metrics.groups for metrics in run.models["gender"].labelled)


def test_classes_without_faces_are_left_out() -> None:
    labelled = ACCURACY.read().models["mask"].labelled
    crops = next(metrics for metrics in labelled if metrics.name == "crops12k_test")
    assert [c.name for c in crops.classes] == ["with_mask", "without_mask"]


@pytest.mark.parametrize("name", models.names())
def test_cards_are_parsed_like_results(name: str) -> None:
    card = models.card(name)
    assert card["task"]
    for metrics in parse_accuracy(card["metrics"]).labelled:
        assert metrics.faces > 0
        assert metrics.confusion == ()  # cards do not store one


def test_detectors_have_the_order_of_the_file() -> None:
    run = DETECTION.read()
    stored = json.loads((FOLDER / DETECTION.name).read_text())["detection"]["detectors"]
    assert [metrics.name for metrics in run.detectors] == list(stored)
    for metrics in run.detectors:
        assert 0 <= metrics.masked_recall <= 1
        assert set(metrics.recall_by_size) == set(run.faces_by_size)


def test_landmark_results(tmp_path: Path) -> None:
    (tmp_path / LANDMARKS.name).write_text(json.dumps(LANDMARKS_JSON))
    (tmp_path / IMPACT.name).write_text(json.dumps(IMPACT_JSON))
    (row,) = LANDMARKS.read(tmp_path).rows
    assert (row.landmarks, row.mean) == ("mesh", Interval(0.05, 0.04, 0.06))
    (impact,) = IMPACT.read(tmp_path).sets
    assert [r.noise for r in impact.rows] == [None, 0.0, 0.1]
    assert impact.rows[0].difference.value == -0.1


def test_speed_results() -> None:
    for run in LATENCY.read_all():
        assert run.rows
        for row in run.rows:
            assert 0 < row.p50_ms <= row.p95_ms <= row.p99_ms
    assert {row.page for run in STREAM.read_all() for row in run.rows} >= {"facestream"}


@pytest.mark.parametrize("stored", ALL, ids=lambda s: s.name)
def test_error_for_a_missing_file_names_the_command(
    stored: StoredResults[Any], tmp_path: Path
) -> None:
    read = stored.read_all if "*" in stored.name else stored.read
    with pytest.raises(ResultsError) as caught:
        read(tmp_path)
    assert f"`{stored.command}`" in str(caught.value)
    assert stored.command.startswith("python -m benchmarks ")


@pytest.mark.parametrize("text", ["", "[]", "{}", "nothing", '{"header": {}}', "\x00"])
@pytest.mark.parametrize("stored", ALL, ids=lambda s: s.name)
def test_error_for_a_damaged_file_names_the_file_and_the_command(
    stored: StoredResults[Any], text: str, tmp_path: Path
) -> None:
    name = stored.name.replace("*", "here")
    (tmp_path / name).write_text(text)
    with pytest.raises(ResultsError) as caught:
        stored.read_all(tmp_path)
    assert str(caught.value).startswith(f"benchmarks/results/{name} cannot be read: ")
    assert stored.command in str(caught.value)
