"""Summaries of the last minute: emotions by person, masks by second, missing masks."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.attribute.registry import EMOTION, MASK
from realtime.core.answers import Doubt
from realtime.core.faces import FrameResult
from realtime.live.timeline import MAX_PEOPLE, emotion_timelines, mask_counts, unmasked_tracks
from realtime.output.tables import FaceTable
from tests.builders import answers, tracked_faces

HAPPY = EMOTION.labels.index("happy")
WITH_MASK, WITHOUT_MASK, INCORRECT = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
UNKNOWN = [float("nan")] * 3


class TableBuilder:
    """Adds frames to a table, ten per second."""

    def __init__(self) -> None:
        self.table = FaceTable()
        self.frame = 0

    @property
    def now_s(self) -> float:
        return (self.frame - 1) / 10

    def add(
        self,
        frames: int,
        masks: dict[int, list[float]],
        *,
        happy: float = 0.5,
        doubt: Doubt | None = None,
        emotions: bool = True,
    ) -> TableBuilder:
        """Add frames with these tracks and their mask probabilities."""
        n = len(masks)
        emotion = np.full((n, 7), (1 - happy) / 6)
        emotion[:, HAPPY] = happy
        attributes = {"mask": answers(MASK, list(masks.values()), doubts=[doubt or 0] * n)}
        if emotions:
            attributes["emotion"] = answers(EMOTION, emotion)
        faces = tracked_faces(list(masks), **attributes)
        for _ in range(frames):
            self.table.add(FrameResult(faces, (640, 480), self.frame / 10), self.frame)
            self.frame += 1
        return self

    def unmasked(self) -> list[int]:
        return unmasked_tracks(self.table.rows(since_s=self.now_s - 2), self.now_s)


def test_without_faces_there_are_no_timelines() -> None:
    rows = FaceTable().rows()
    assert emotion_timelines(rows, 0.0) == []
    assert mask_counts(rows, 1.5) == [(-1.5, [0, 0, 0, 0]), (-0.5, [0, 0, 0, 0])]
    assert unmasked_tracks(rows, 0.0) == []


def test_a_timeline_has_one_point_per_second_of_the_last_minute() -> None:
    builder = (
        TableBuilder().add(200, {1: WITHOUT_MASK}, happy=0.2).add(500, {1: WITHOUT_MASK}, happy=0.8)
    )
    (person,) = emotion_timelines(builder.table.rows(), builder.now_s)
    assert 60 <= len(person.time_s) <= 61
    assert -60 <= person.time_s[0] < person.time_s[-1] <= 0
    assert np.diff(person.time_s) == pytest.approx(1, abs=0.5)
    happy = [row[HAPPY] for row in person.probabilities]
    assert happy[0] == pytest.approx(0.2)
    assert happy[-1] == pytest.approx(0.8)
    assert [sum(row) for row in person.probabilities] == pytest.approx([1] * len(happy))


def test_a_point_is_the_mean_of_its_second() -> None:
    builder = (
        TableBuilder().add(5, {1: WITHOUT_MASK}, happy=0.2).add(5, {1: WITHOUT_MASK}, happy=0.6)
    )
    (person,) = emotion_timelines(builder.table.rows(), builder.now_s)
    assert person.probabilities[0][HAPPY] == pytest.approx(0.4)


def test_the_tracks_with_most_frames_are_listed_by_number() -> None:
    builder = TableBuilder()
    for track in range(7, 0, -1):
        builder.add(5 + 3 * track, {track: WITHOUT_MASK})
    shown = [p.track_id for p in emotion_timelines(builder.table.rows(), builder.now_s)]
    assert shown == [4, 5, 6, 7]
    assert len(shown) == MAX_PEOPLE


def test_without_emotions_there_are_no_timelines() -> None:
    builder = TableBuilder().add(20, {1: WITHOUT_MASK}, emotions=False)
    assert emotion_timelines(builder.table.rows(), builder.now_s) == []
    assert mask_counts(builder.table.rows(), builder.now_s)[0][1] == [0, 1, 0, 0]


def test_masks_are_counted_by_second_and_seconds_without_faces_are_zero() -> None:
    builder = TableBuilder()
    for masks in ({1: WITH_MASK, 2: WITHOUT_MASK}, {}, {1: WITH_MASK, 3: INCORRECT}, {1: UNKNOWN}):
        builder.add(10, masks)
    counts = [row for _, row in mask_counts(builder.table.rows(), builder.now_s)]
    assert counts == [[1, 1, 0, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]]


def test_mask_counts_cover_sixty_seconds() -> None:
    builder = TableBuilder().add(900, {1: WITH_MASK})
    counted = mask_counts(builder.table.rows(), builder.now_s)
    assert len(counted) == 60
    assert counted[0][0] == pytest.approx(-59.9)
    assert all(row == [1, 0, 0, 0] for _, row in counted)


def test_a_missing_mask_is_reported_after_one_second() -> None:
    builder = TableBuilder().add(10, {3: WITHOUT_MASK, 4: WITH_MASK})
    assert builder.unmasked() == []
    assert builder.add(2, {3: WITHOUT_MASK, 4: WITH_MASK}).unmasked() == [3]


def test_an_unsure_frame_restarts_the_second() -> None:
    builder = (
        TableBuilder()
        .add(15, {3: WITHOUT_MASK})
        .add(1, {3: WITHOUT_MASK}, doubt=Doubt.CLOSE)
        .add(8, {3: WITHOUT_MASK})
    )
    assert builder.unmasked() == []
    assert builder.add(3, {3: WITHOUT_MASK}).unmasked() == [3]


def test_a_track_with_a_mask_or_out_of_view_is_not_reported() -> None:
    assert TableBuilder().add(20, {3: WITHOUT_MASK}).add(1, {3: WITH_MASK}).unmasked() == []
    assert TableBuilder().add(20, {3: WITHOUT_MASK}).add(7, {}).unmasked() == []
    assert TableBuilder().add(20, {3: UNKNOWN}).unmasked() == []
