"""What a visitor names and merges goes into rows, tables and the report, and nowhere else."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.faces import FrameResult
from realtime.output.tables import FaceTable
from realtime.video.people import people
from realtime.video.report import video_report
from realtime.video.track_names import MAX_NAME, NAME, TrackNames, clean_name, named_file
from tests.builders import tracked_faces


def table(*frames: list[int]) -> FaceTable:
    filled = FaceTable()
    for i, tracks in enumerate(frames):
        filled.add(FrameResult(tracked_faces(tracks), (60, 60), i / 10), i)
    return filled


SEEN = table([1], [1, 2], [2], [3], [3])
EDITED = TrackNames().merge(3, into=1).rename(1, "Ann")


def test_merged_tracks_are_one_person() -> None:
    found = {p.number: (p.frames, p.last_s) for p in people(EDITED.apply(SEEN.rows()))}
    assert found == {1: (4, 0.4), 2: (2, 0.2)}
    assert {p.number for p in people(SEEN.rows())} == {1, 2, 3}  # the table itself is unchanged


def test_a_name_goes_into_every_file_beside_the_tracks_own_number() -> None:
    expected = [(1, "Ann"), (1, "Ann"), (2, "Face 2"), (2, "Face 2"), (3, "Ann"), (3, "Ann")]
    rows = json.loads(named_file(SEEN, EDITED, "json"))
    assert [(row["track_id"], row[NAME]) for row in rows] == expected
    lines = list(csv.DictReader(io.StringIO(named_file(SEEN, EDITED, "csv").decode())))
    assert [(int(row["track_id"]), row[NAME]) for row in lines] == expected
    parquet = pq.read_table(io.BytesIO(named_file(SEEN, EDITED, "parquet"))).to_pylist()
    assert [(row["track_id"], row[NAME]) for row in parquet] == expected
    assert set(rows[0]) == set(json.loads(SEEN.json())[0]) | {NAME}
    report = video_report("a.mp4", people(EDITED.apply(SEEN.rows())), {}, EDITED).decode()
    assert "<h3>Ann</h3>" in report
    assert "<h3>Face 2</h3>" in report
    assert "Face 3" not in report


def test_an_empty_table_has_the_column_too() -> None:
    assert named_file(FaceTable(), TrackNames(), "csv").decode().rstrip().endswith(f",{NAME}")


def test_the_picture_of_the_longest_track_stands_for_a_person() -> None:
    views = {1: b"short", 3: b"also short", 2: b"other"}
    longer = table([1], [1], [3], [3], [3], [2])
    assert EDITED.views(views, longer.rows()) == {1: b"also short", 2: b"other"}


def test_a_name_that_is_taken_away_leaves_the_number() -> None:
    assert EDITED.rename(3, "  ").title(1) == "Face 1"
    assert TrackNames().rename(2, "Bo").merge(2, into=5).title(5) == "Bo"
    assert EDITED.merge(1, into=3) == EDITED  # they are one already


@given(st.text(max_size=200))
def test_no_name_breaks_a_table_or_starts_a_formula(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= MAX_NAME
    assert not set(name) & set('",;\n\r\t\\<>&')
    assert not name.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", " "))
    names = TrackNames().rename(1, text)
    rows = json.loads(named_file(SEEN, names, "json"))
    assert rows[0][NAME] == (name or "Face 1")
    first = list(csv.reader(io.StringIO(named_file(SEEN, names, "csv").decode())))[1]
    assert first[-1] == (name or "Face 1")


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12))
def test_merging_in_any_order_ends_at_one_number_per_person(pairs: list[tuple[int, int]]) -> None:
    names, groups = TrackNames(), [{k} for k in range(1, 7)]
    for first, other in pairs:
        names = names.merge(first, into=other)
        joined = [g for g in groups if first in g or other in g]
        groups = [g for g in groups if g not in joined] + [set().union(*joined)]
    for group in groups:
        numbers = {names.number(track) for track in group}
        assert len(numbers) == 1
        assert numbers <= group
    assert len({names.number(k) for k in range(1, 7)}) == len(groups)
    assert np.isin(list(names.merged.values()), range(1, 7)).all()
