"""The table of faces over time, and its files."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from realtime.attribute.registry import EMOTION, MASK
from realtime.core.answers import Doubt
from realtime.core.faces import Faces, FrameResult
from realtime.output.tables import BLOCK_ROWS, FaceTable, csv_file
from tests.builders import answers, unknown


def frame(time_s: float, *tracks: int, known: bool = True) -> FrameResult:
    """One face for each track, happy and without a mask; the last one's emotion is unsure."""
    n = len(tracks)
    faces = Faces.from_boxes(np.tile([1.25, 2, 30, 40], (n, 1)))
    mask = answers(MASK, [[0.1, 0.8, 0.1]] * n) if known else unknown(MASK, n)
    doubts = [0] * (n - 1) + [Doubt.CLOSE]
    emotion = answers(EMOTION, [[0, 0, 0, 0.75, 0, 0, 0.25]] * n, doubts=doubts)
    faces = faces.with_(
        track_id=np.array(tracks, np.int64), attributes={"mask": mask, "emotion": emotion}
    )
    return FrameResult(faces, (640, 480), time_s)


def test_no_frames_give_an_empty_table_with_all_columns() -> None:
    table = FaceTable()
    table.add(FrameResult(Faces.empty(), (640, 480), 0.0), 0)
    assert len(table) == 0
    assert table.json() == b"[]"
    assert table.csv().decode().startswith("frame,time_s,track_id,")
    assert pq.read_table(io.BytesIO(table.parquet())).num_rows == 0


def test_parquet_reads_back_with_its_types_and_nulls() -> None:
    table = FaceTable()
    table.add(frame(0.5, 3, 4), 12)
    table.add(frame(0.6, 3, known=False), 13)
    read = pq.read_table(io.BytesIO(table.parquet()))
    assert read.column("frame").to_pylist() == [12, 12, 13]
    assert read.column("track_id").to_pylist() == [3, 4, 3]
    assert read.column("mask").to_pylist() == ["without_mask", "without_mask", None]
    assert read.column("emotion").to_pylist() == ["happy", "unsure", "unsure"]
    assert read.column("mask_with_mask").to_pylist()[2] is None
    assert read.column("yaw_deg").null_count == 3
    assert read.schema.field("frame").type == pa.int64()
    assert read.schema.field("time_s").type == pa.float64()
    assert read.schema.field("emotion_happy").type == pa.float32()
    assert pa.types.is_dictionary(read.schema.field("emotion").type)


def test_csv_and_json_equal_parquet() -> None:
    table = FaceTable()
    table.add(frame(1.0, 1, 2), 30)
    as_json = json.loads(table.json())
    assert [row["track_id"] for row in as_json] == [1, 2]
    assert as_json[0]["x0"] == 1.25
    assert as_json[0]["gender"] is None
    as_csv = pyarrow.csv.read_csv(io.BytesIO(table.csv()))
    assert as_csv.column_names == list(as_json[0]) == table.arrow().column_names
    assert as_csv.column("emotion_happy").to_pylist() == [0.75, 0.75]


def test_recent_rows_are_read_across_blocks() -> None:
    table = FaceTable()
    for i in range(BLOCK_ROWS + 10):
        table.add(frame(i * 0.1, 1), i)
    recent = table.rows(since_s=(BLOCK_ROWS - 5) * 0.1 - 0.01)
    assert recent["frame"].tolist() == list(range(BLOCK_ROWS - 5, BLOCK_ROWS + 10))
    assert len(table.rows()) == len(table) == BLOCK_ROWS + 10


def test_oldest_rows_are_dropped_and_counted() -> None:
    table = FaceTable(max_rows=BLOCK_ROWS)
    for i in range(2 * BLOCK_ROWS // 8 + 1):
        table.add(frame(float(i), *range(8)), i)
    assert table.dropped == BLOCK_ROWS
    assert len(table) == BLOCK_ROWS + 8
    assert table.rows()["frame"][0] == BLOCK_ROWS // 8


def read_back(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@given(st.text())
@example("=cmd|' /C calc'!A0")
@example("\t=1+1")
@example("a\r=1+1")
@example("＝1+1")
def test_no_text_in_a_csv_file_is_a_formula(text: str) -> None:
    _, (cell, number) = read_back(csv_file({"path": [text], "yaw": [-1.5]}))
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not cell.startswith("\t")
    line = text.replace("\r", " ").replace("\n", " ")
    assert cell in (line, f"'{line}")
    assert number == "-1.5"  # numbers stay numbers


@pytest.mark.parametrize("name", ["family.jpg", "a=b.jpg", "1-2.png", "Zoë.webp", ""])
def test_ordinary_names_are_unchanged(name: str) -> None:
    assert read_back(csv_file({"path": [name], "width": [1]}))[1] == [name, "1"]


EXPORTS = """
import sys
import numpy as np
from realtime.core.faces import Faces, FrameResult
from realtime.output.tables import FaceTable, load_libraries

load_libraries()
before = set(sys.modules)
table = FaceTable()
table.add(FrameResult(Faces.from_boxes(np.array([[1, 2, 30, 40]])), (64, 48), 0.0), 0)
table.csv(), table.json(), table.parquet()
assert "pandas" in before
print(sorted(set(sys.modules) - before))
"""


def test_an_export_imports_nothing_while_streams_run() -> None:
    done = subprocess.run([sys.executable, "-c", EXPORTS], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
