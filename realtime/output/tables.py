"""Faces over time as one table: one row per face per frame, as CSV, JSON or Parquet."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import ATTRIBUTES, Attribute
from realtime.core.answers import UNSURE, Answers
from realtime.core.faces import Faces, FrameResult
from realtime.output.table_text import csv_bytes, json_bytes, parquet_bytes

BLOCK_ROWS = 4096
MAX_ROWS = 500_000  # about 70 MB: two and a half hours of two faces at 30 fps
UNKNOWN = -1
# How text starts that spreadsheets take for a formula, in the forms of East Asian keyboards too.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|\t")

# Column, the field of `Faces` it comes from, and that field's column; float32, NaN where unknown.
_BOX = tuple((name, "xyxy", k) for k, name in enumerate(("x0", "y0", "x1", "y1")))
_MEASURES: tuple[tuple[str, str, int | None], ...] = (
    *((f"{name}_deg", "pose_deg", k) for k, name in enumerate(("yaw", "pitch", "roll"))),
    ("right_eye_open", "eye_open", 0),
    ("left_eye_open", "eye_open", 1),
    ("mouth_open", "mouth_open", None),
    ("gaze_yaw_deg", "gaze_deg", 0),
    ("gaze_pitch_deg", "gaze_deg", 1),
)
_NUMBERS: tuple[tuple[str, str, int | None], ...] = (*_BOX, ("score", "score", None), *_MEASURES)


def load_libraries() -> None:
    """Import what exports need, which takes a second, before anybody waits for a frame."""
    table = FaceTable()
    for export in (table.csv, table.json, table.parquet):
        export()


def label_names(attribute: Attribute) -> tuple[str, ...]:
    """What the codes of an attribute's column stand for: its labels, then `UNSURE`."""
    return (*attribute.labels, UNSURE)


def row_dtype() -> np.dtype[Any]:
    """The columns of one row: a label and a probability each for every registered attribute."""
    attributes = list(ATTRIBUTES.values())
    prob = [(f"{a.name}_{label}", np.float32) for a in attributes for label in a.labels]
    return np.dtype(
        [
            ("frame", np.int64),
            ("time_s", np.float64),
            ("track_id", np.int64),
            ("blinks", np.int64),
            *((a.name, np.int8) for a in attributes),
            *((name, np.float32) for name, _, _ in (*_BOX, ("score", "score", None))),
            *prob,
            *((name, np.float32) for name, _, _ in _MEASURES),
        ]
    )


class FaceTable:
    """Grows by frames; one thread may add to it while others read.

    Beyond `max_rows`, the oldest rows are dropped.

    Attributes:
        dropped: number of rows dropped so far.
    """

    def __init__(self, *, max_rows: int = MAX_ROWS) -> None:
        self._max_blocks = max(1, max_rows // BLOCK_ROWS)
        self._lock = threading.Lock()
        self._full: list[NDArray[Any]] = []
        self._dtype = row_dtype()
        self._last = np.empty(BLOCK_ROWS, self._dtype)
        self._used = 0
        self.dropped = 0

    def __len__(self) -> int:
        with self._lock:
            return len(self._full) * BLOCK_ROWS + self._used

    def add(self, result: FrameResult, frame: int) -> None:
        """Add a row for each face of the frame with that number."""
        rows = _rows(result.faces, frame, result.time_s, self._dtype)
        with self._lock:
            while len(rows):
                part = rows[: BLOCK_ROWS - self._used]
                self._last[self._used : self._used + len(part)] = part
                self._used += len(part)
                rows = rows[len(part) :]
                if self._used == BLOCK_ROWS:
                    self._full.append(self._last)
                    self._last, self._used = np.empty(BLOCK_ROWS, self._dtype), 0
            while len(self._full) > self._max_blocks:
                del self._full[0]
                self.dropped += BLOCK_ROWS

    def rows(self, *, since_s: float = -np.inf) -> NDArray[Any]:
        """A structured array of the rows from that time on, in the order they were added.

        Labels are positions in `label_names`, -1 where unknown; so are an unknown `track_id` and
        `blinks`.
        """
        with self._lock:
            # Only the newest blocks are read: the live page asks for one minute, often.
            parts = [self._last[: self._used].copy()]
            for block in reversed(self._full):
                if block["time_s"][-1] < since_s:
                    break
                parts.append(block)
        joined: NDArray[Any] = np.concatenate(parts[::-1])
        if since_s == -np.inf:  # a copy of all rows would hold the streams up
            return joined
        recent: NDArray[Any] = joined[joined["time_s"] >= since_s]
        return recent

    def arrow(self) -> Any:
        """All rows as a `pyarrow.Table`; labels are strings, null is unknown."""
        import pyarrow as pa

        rows = self.rows()
        columns: dict[str, Any] = {"frame": rows["frame"], "time_s": rows["time_s"]}
        for name in ("track_id", "blinks"):
            columns[name] = pa.array(rows[name], pa.int64(), mask=rows[name] == UNKNOWN)
        for name, attribute in ATTRIBUTES.items():
            code = rows[name]
            index = pa.array(np.maximum(code, 0), pa.int8(), mask=code == UNKNOWN)
            columns[name] = pa.DictionaryArray.from_arrays(index, list(label_names(attribute)))
        for name in (n for n in self._dtype.names or () if n not in columns):
            columns[name] = pa.array(rows[name], pa.float32(), mask=np.isnan(rows[name]))
        return pa.table(columns)

    def parquet(self) -> bytes:
        """All rows as a Parquet file."""
        return parquet_bytes(self.arrow())

    def csv(self) -> bytes:
        """All rows as CSV in UTF-8 with a header line; cells are empty where unknown."""
        return csv_bytes(self.arrow())

    def json(self) -> bytes:
        """All rows as a JSON list of objects; null where unknown."""
        return json_bytes(self.arrow())

    def columns(self) -> dict[str, list[Any]]:
        """All rows as columns of Python values, rounded to four digits; None is unknown."""
        columns: dict[str, list[Any]] = self.arrow().to_pydict()
        for name, values in columns.items():
            if values and any(isinstance(v, float) for v in values):
                columns[name] = [None if v is None else round(v, 4) for v in values]
        return columns


def csv_file(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Columns of equal length as CSV in UTF-8 with a header line; None is an empty cell.

    Text that a spreadsheet would run as a formula, such as a visitor's file name, gets a leading
    apostrophe; line breaks become spaces.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    safe = ([_without_formula(value) for value in column] for column in columns.values())
    writer.writerows(zip(*safe, strict=True))
    return out.getvalue().encode(errors="replace")


def _without_formula(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    line = re.sub(r"[\r\n]", " ", value)  # the writer leaves a lone \r bare: a row of its own
    return f"'{line}" if _FORMULA.match(line) else line


def _rows(faces: Faces, frame: int, time_s: float, dtype: np.dtype[Any]) -> NDArray[Any]:
    rows = np.empty(len(faces), dtype)
    rows["frame"], rows["time_s"] = frame, time_s
    for name in ("track_id", "blinks"):
        known = getattr(faces, name)
        rows[name] = UNKNOWN if known is None else known
    for name, source, k in _NUMBERS:
        array = getattr(faces, source)
        rows[name] = np.nan if array is None else array if k is None else array[:, k]
    for name, attribute in ATTRIBUTES.items():
        answers = faces.attributes.get(name)
        for k, label in enumerate(attribute.labels):
            rows[f"{name}_{label}"] = np.nan if answers is None else answers.prob[:, k]
        rows[name] = UNKNOWN if answers is None else _codes(answers)
    return rows


def _codes(answers: Answers) -> NDArray[np.int8]:
    """(n,) the position of each label, one past the last for `UNSURE`, `UNKNOWN` where unknown."""
    column = answers.column  # -1, as UNKNOWN, where not known
    unsure = (column != UNKNOWN) & ~answers.sure
    return np.where(unsure, len(answers.labels), column).astype(np.int8)
