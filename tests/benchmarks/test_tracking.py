"""Scores of tracking, and the tracker on clips with known tracks."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

from benchmarks import tracking
from benchmarks.iou_tracker import IouTracker
from benchmarks.tracking_scenes import SCENES, cut, play
from benchmarks.tracking_score import Boxes, score, without_ignored
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline

LEFT, RIGHT = (0, 0, 10, 10), (50, 0, 60, 10)


def frame(*people: tuple[int, tuple[int, int, int, int]]) -> Boxes:
    boxes = np.array([box for _, box in people], np.float32).reshape(-1, 4)
    return Boxes([number for number, _ in people], boxes)


def test_empty_and_perfect_clips() -> None:
    assert score([], []).idf1 == 0
    truth = [frame((1, LEFT), (2, RIGHT))] * 4
    same = [frame((7, RIGHT), (5, LEFT))] * 4
    result = score(truth, same)
    assert (result.idf1, result.switches, result.found) == (1, 0, 1)


def test_a_new_number_is_a_switch_and_half_of_the_boxes_are_right() -> None:
    truth = [frame((1, LEFT))] * 4
    result = score(truth, [frame((1, LEFT))] * 2 + [frame((2, LEFT))] * 2)
    assert (result.idf1, result.switches) == (0.5, 1)


def test_numbers_that_are_swapped_are_two_switches() -> None:
    truth = [frame((1, LEFT), (2, RIGHT))] * 2
    swapped = [frame((1, LEFT), (2, RIGHT)), frame((2, LEFT), (1, RIGHT))]
    assert score(truth, swapped).switches == 2


def test_a_gap_costs_boxes_but_is_no_switch() -> None:
    truth = [frame((1, LEFT))] * 3
    result = score(truth, [frame((1, LEFT)), frame(), frame((1, LEFT))])
    assert result.switches == 0
    assert result.found == pytest.approx(2 / 3)
    assert result.idf1 == pytest.approx(4 / 5)


def test_faces_that_are_not_labelled_do_not_count() -> None:
    ignored = np.array([RIGHT], np.float32)
    assert without_ignored(frame((1, LEFT), (2, RIGHT)), frame((1, LEFT)), ignored).ids == [1]


def test_the_iou_tracker_remembers_only_if_asked() -> None:
    box = np.array([LEFT], np.float32)
    for remember_s, again in ((0.0, [2]), (1.5, [1])):
        follow = IouTracker(remember_s)
        assert follow(box, 0.0).ids == [1]
        assert follow(box[:0], 0.5).ids == []
        assert follow(box, 1.0).ids == again


@pytest.mark.parametrize("name", ["crossing, 0.4 s", "crossing, 1.1 s", "passing behind, 0.7 s"])
def test_people_who_hide_each_other_keep_their_numbers(name: str, networks: Networks) -> None:
    pipeline, truth, tracked = follow(networks), [], []
    for time_s, picture, people, leaving in play(SCENES[name]):
        faces = pipeline.process(picture, time_s).faces
        ids = [] if faces.track_id is None else faces.track_id.tolist()
        truth.append(people)
        tracked.append(without_ignored(Boxes(ids, faces.xyxy), people, leaving))
    result = score(truth, tracked)
    assert result.switches == 0
    assert result.idf1 > 0.9


def test_a_face_that_leaves_is_labelled_while_half_of_it_is_within_the_frame() -> None:
    frames = list(play(SCENES["crossing, 0.4 s"]))
    labelled = [2 in people.ids for _, _, people, _ in frames]
    leaving = [len(boxes) for *_, boxes in frames]
    last = max(k for k, shown in enumerate(labelled) if shown)
    assert leaving[last + 1] >= 1
    assert all(box[0] < 0 or box[2] > 640 for *_, boxes in frames for box in boxes)
    assert leaving[len(frames) // 2] == 0  # hidden by the other one: no answer is right there


def test_another_person_after_a_cut_has_another_number(networks: Networks) -> None:
    pipeline, numbers = follow(networks), []
    for time_s, picture, people, _ in cut():
        track_id = pipeline.process(picture, time_s).faces.track_id
        numbers.append((people.ids[0], [] if track_id is None else track_id.tolist()))
    assert {tuple(ids) for person, ids in numbers if person == 1} == {(1,)}
    assert numbers[-1] == (2, [2])
    assert not any(1 in ids for person, ids in numbers if person == 2)


@pytest.mark.timeout(900)  # slow on a busy machine
@pytest.mark.data
def test_the_command_scores_a_crowd(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "SCENES", {"crossing": SCENES["crossing, 0.4 s"]})
    args = argparse.Namespace(data=data_dir, clips=["crowd_1080p"], only_labels=False)
    results = tracking.run(args)
    crowd = results["rows"][-1]
    assert crowd["ours"]["switches"] <= crowd["iou"]["switches"] / 2
    assert results["ours_switches"] <= results["iou_switches"] / 2
    table = tracking.report(results).splitlines()
    assert any(line.startswith("crowd_1080p") for line in table)


@pytest.mark.data
def test_labels_of_expressive_faces_change_seldom(data_dir: Path) -> None:
    args = argparse.Namespace(data=data_dir, clips=None, only_labels=True)
    results = tracking.run(args)
    assert len(results["label_changes"]) == 3
    for row in results["label_changes"]:
        assert 0 < row["changes"] <= 5
        assert row["shortest_s"] >= 0.5
    assert f"changes {row['changes']} times in {row['seconds']} s" in tracking.report(results)


def test_a_clip_without_labels_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing has no labels"):
        tracking.run(argparse.Namespace(data=Path(), clips=["nothing"], only_labels=False))


def follow(networks: Networks) -> Pipeline:
    return Pipeline(networks, AnalysisSettings(attributes=frozenset()))
