"""Tables as text: what Arrow writes is what Python's own writers would."""

from __future__ import annotations

import csv
import io
import json
import math

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from realtime.output import table_text
from realtime.output.table_text import csv_bytes, json_bytes

numbers = st.one_of(st.none(), st.floats(-1e6, 1e6, width=32))
rows = st.lists(
    st.tuples(
        st.integers(-(2**60), 2**60), numbers, st.sampled_from([None, "happy", "no mask", "unsure"])
    ),
    max_size=30,
)


def table_of(values: list[tuple[int, float | None, str | None]]) -> pa.Table:
    frame, score, label = zip(*values, strict=True) if values else ((), (), ())
    labels = pa.array(label, pa.string()).dictionary_encode()
    return pa.table(
        {
            "frame": pa.array(frame, pa.int64()),
            "score": pa.array(score, pa.float32()),
            "label": labels,
        }
    )


def same(written: float | None, value: float | None) -> bool:
    if written is None or value is None:
        return written is value
    return math.isclose(written, value, abs_tol=1e-4)


@given(rows)
def test_json_is_read_back(values: list[tuple[int, float | None, str | None]]) -> None:
    objects = json.loads(json_bytes(table_of(values)))
    assert len(objects) == len(values)
    for object_, (frame, score, label) in zip(objects, values, strict=True):
        assert list(object_) == ["frame", "score", "label"]
        assert (object_["frame"], object_["label"]) == (frame, label)
        assert same(object_["score"], score)


@given(rows)
def test_csv_is_read_back(values: list[tuple[int, float | None, str | None]]) -> None:
    header, *lines = csv.reader(io.StringIO(csv_bytes(table_of(values)).decode()))
    assert header == ["frame", "score", "label"]
    assert len(lines) == len(values)
    for line, (frame, score, label) in zip(lines, values, strict=True):
        assert (int(line[0]), line[2]) == (frame, label or "")
        assert same(float(line[1]) if line[1] else None, score)


def test_json_is_joined_across_batches(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(table_text, "BATCH_ROWS", 2)
    values = [(n, n / 7, "happy") for n in range(5)]
    assert [o["frame"] for o in json.loads(json_bytes(table_of(values)))] == [0, 1, 2, 3, 4]
