"""The last minute: emotions per person, masks per second, and who wears no mask."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.attribute.registry import EMOTION, MASK
from realtime.core.answers import Doubt
from realtime.core.faces import FrameResult
from realtime.live.timeline import MOST_PEOPLE, emotion_timelines, mask_counts, surely_unmasked
from realtime.output.tables import FaceTable
from tests.builders import answers, tracked_faces

HAPPY = EMOTION.labels.index("happy")
WORN, BARE, WRONG = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
UNKNOWN = [float("nan")] * 3


class Film:
    """A table that grows by frames, ten a second."""

    def __init__(self) -> None:
        self.table = FaceTable()
        self.frame = 0

    @property
    def now_s(self) -> float:
        return (self.frame - 1) / 10

    def show(
        self,
        frames: int,
        masks: dict[int, list[float]],
        *,
        happy: float = 0.5,
        doubt: Doubt | None = None,
        emotions: bool = True,
    ) -> Film:
        """So many frames with these tracks and their masks' probabilities."""
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

    def bare(self) -> list[int]:
        return surely_unmasked(self.table.rows(since_s=self.now_s - 2), self.now_s)


def test_nothing_is_drawn_before_the_first_face() -> None:
    rows = FaceTable().rows()
    assert emotion_timelines(rows, 0.0) == []
    assert mask_counts(rows, 1.5) == [(-1.5, [0, 0, 0, 0]), (-0.5, [0, 0, 0, 0])]
    assert surely_unmasked(rows, 0.0) == []


def test_timeline_has_one_point_per_second_of_the_last_minute() -> None:
    film = Film().show(200, {1: BARE}, happy=0.2).show(500, {1: BARE}, happy=0.8)
    (person,) = emotion_timelines(film.table.rows(), film.now_s)
    assert 60 <= len(person.time_s) <= 61
    assert -60 <= person.time_s[0] < person.time_s[-1] <= 0
    assert np.diff(person.time_s) == pytest.approx(1, abs=0.5)
    happy = [row[HAPPY] for row in person.probabilities]
    assert happy[0] == pytest.approx(0.2)
    assert happy[-1] == pytest.approx(0.8)
    assert [sum(row) for row in person.probabilities] == pytest.approx([1] * len(happy))


def test_a_point_is_the_mean_of_its_second() -> None:
    film = Film().show(5, {1: BARE}, happy=0.2).show(5, {1: BARE}, happy=0.6)
    (person,) = emotion_timelines(film.table.rows(), film.now_s)
    assert person.probabilities[0][HAPPY] == pytest.approx(0.4)


def test_the_people_seen_most_are_shown_by_number() -> None:
    film = Film()
    for track in range(7, 0, -1):
        film.show(5 + 3 * track, {track: BARE})
    shown = [p.track_id for p in emotion_timelines(film.table.rows(), film.now_s)]
    assert shown == [4, 5, 6, 7]
    assert len(shown) == MOST_PEOPLE


def test_people_whose_emotions_are_off_have_no_timeline() -> None:
    film = Film().show(20, {1: BARE}, emotions=False)
    assert emotion_timelines(film.table.rows(), film.now_s) == []
    assert mask_counts(film.table.rows(), film.now_s)[0][1] == [0, 1, 0, 0]


def test_masks_are_counted_second_by_second_and_nobody_counts_as_zero() -> None:
    film = Film().show(10, {1: WORN, 2: BARE}).show(10, {}).show(10, {1: WORN, 3: WRONG})
    film.show(10, {1: UNKNOWN})
    counts = [row for _, row in mask_counts(film.table.rows(), film.now_s)]
    assert counts == [[1, 1, 0, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]]


def test_a_long_stream_shows_sixty_seconds_of_masks() -> None:
    film = Film().show(900, {1: WORN})
    counted = mask_counts(film.table.rows(), film.now_s)
    assert len(counted) == 60
    assert counted[0][0] == pytest.approx(-59.9)
    assert all(row == [1, 0, 0, 0] for _, row in counted)


def test_missing_mask_is_reported_after_one_second() -> None:
    film = Film().show(10, {3: BARE, 4: WORN})
    assert film.bare() == []
    assert film.show(2, {3: BARE, 4: WORN}).bare() == [3]


def test_one_unsure_frame_restarts_the_second() -> None:
    film = Film().show(15, {3: BARE}).show(1, {3: BARE}, doubt=Doubt.CLOSE).show(8, {3: BARE})
    assert film.bare() == []
    assert film.show(3, {3: BARE}).bare() == [3]


def test_face_that_puts_a_mask_on_or_leaves_is_not_reported() -> None:
    assert Film().show(20, {3: BARE}).show(1, {3: WORN}).bare() == []
    assert Film().show(20, {3: BARE}).show(7, {}).bare() == []
    assert Film().show(20, {3: UNKNOWN}).bare() == []
