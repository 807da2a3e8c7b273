"""Stored figures are read as written; what is missing or damaged is said in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import models
from realtime.results.classifiers import ACCURACY, accuracy_of
from realtime.results.detectors import DETECTION
from realtime.results.landmarks import IMPACT, LANDMARKS
from realtime.results.speed import LATENCY, STREAM
from realtime.results.stored import FOLDER, Interval, ResultsError, Stored
from tests.explore.written import IMPACT_JSON, LANDMARKS_JSON

EVERY: tuple[Stored[Any], ...] = (ACCURACY, DETECTION, LANDMARKS, IMPACT, LATENCY, STREAM)


def test_every_classifier_has_its_figures_and_answers() -> None:
    run = ACCURACY.read()
    assert {"emotion", "mask", "gender"} <= set(run.models)
    for accuracy in run.models.values():
        for one in accuracy.labelled:
            assert one.accuracy.low <= one.accuracy.value <= one.accuracy.high
            assert sum(c.faces for c in one.classes) == one.faces
            assert sum(map(sum, one.confusion)) == one.faces
            assert sum(b.faces for b in one.reliability) == one.faces
            right = sum(row[i] for i, row in enumerate(one.confusion))
            assert right / one.faces == pytest.approx(one.accuracy.value, abs=1e-4)


def test_mask_has_bare_faces_and_gender_has_groups() -> None:
    run = ACCURACY.read()
    assert all(0 <= one.surely_masked <= one.called_masked for one in run.models["mask"].bare)
    assert run.models["mask"].bare
    assert any(one.groups for one in run.models["gender"].labelled)


def test_a_class_without_faces_is_left_out() -> None:
    crops = next(o for o in ACCURACY.read().models["mask"].labelled if o.name == "crops12k_test")
    assert [c.name for c in crops.classes] == ["with_mask", "without_mask"]


def test_cards_are_read_without_their_networks() -> None:
    for name in models.names():
        card = models.card(name)
        assert card["task"]
        for one in accuracy_of(card["metrics"]).labelled:
            assert one.faces > 0
            assert one.confusion == ()  # cards keep none


def test_detectors_in_the_order_of_the_file() -> None:
    run = DETECTION.read()
    told = json.loads((FOLDER / DETECTION.name).read_text())["detection"]["detectors"]
    assert [one.name for one in run.detectors] == list(told)
    for one in run.detectors:
        assert 0 <= one.masked_recall <= 1
        assert set(one.recall_by_size) == set(run.faces_by_size)


def test_landmark_files(tmp_path: Path) -> None:
    (tmp_path / LANDMARKS.name).write_text(json.dumps(LANDMARKS_JSON))
    (tmp_path / IMPACT.name).write_text(json.dumps(IMPACT_JSON))
    (row,) = LANDMARKS.read(tmp_path).rows
    assert (row.landmarks, row.mean) == ("mesh", Interval(0.05, 0.04, 0.06))
    (one,) = IMPACT.read(tmp_path).sets
    assert [r.noise for r in one.rows] == [None, 0.0, 0.1]
    assert one.rows[0].difference.value == -0.1


def test_speed_files() -> None:
    for run in LATENCY.read_all():
        assert run.rows
        for row in run.rows:
            assert 0 < row.p50_ms <= row.p95_ms <= row.p99_ms
    assert {row.page for run in STREAM.read_all() for row in run.rows} >= {"facestream"}


@pytest.mark.parametrize("stored", EVERY, ids=lambda s: s.name)
def test_a_missing_file_names_its_command(stored: Stored[Any], tmp_path: Path) -> None:
    read = stored.read_all if "*" in stored.name else stored.read
    with pytest.raises(ResultsError) as caught:
        read(tmp_path)
    assert f"`{stored.command}`" in str(caught.value)
    assert stored.command.startswith("python -m benchmarks ")


@pytest.mark.parametrize("text", ["", "[]", "{}", "nothing", '{"header": {}}', "\x00"])
@pytest.mark.parametrize("stored", EVERY, ids=lambda s: s.name)
def test_a_damaged_file_names_itself_and_its_command(
    stored: Stored[Any], text: str, tmp_path: Path
) -> None:
    name = stored.name.replace("*", "here")
    (tmp_path / name).write_text(text)
    with pytest.raises(ResultsError) as caught:
        stored.read_all(tmp_path)
    assert str(caught.value).startswith(f"benchmarks/results/{name} cannot be read: ")
    assert stored.command in str(caught.value)
