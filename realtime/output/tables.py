"""Faces over time as one table: a row for each face of each frame, as CSV, JSON or Parquet."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import (
    EMOTION_LABELS,
    GENDER_LABELS,
    MASK_LABELS,
    UNSURE,
    Faces,
    FrameResult,
)

BLOCK_ROWS = 4096
MOST_ROWS = 500_000  # some 70 MB: two hours and a half of two faces at 30 frames a second
UNKNOWN = -1

# Column, what `Faces` calls its source, and which column of that; all float32, NaN where unknown.
_NUMBERS: tuple[tuple[str, str, int | None], ...] = (
    *((name, "xyxy", k) for k, name in enumerate(("x0", "y0", "x1", "y1"))),
    ("score", "score", None),
    *((f"mask_{name}", "mask_prob", k) for k, name in enumerate(MASK_LABELS)),
    *((f"emotion_{name}", "emotion_prob", k) for k, name in enumerate(EMOTION_LABELS)),
    *((f"gender_{name}", "gender_prob", k) for k, name in enumerate(GENDER_LABELS)),
    *((f"{name}_deg", "pose_deg", k) for k, name in enumerate(("yaw", "pitch", "roll"))),
    ("right_eye_open", "eye_open", 0),
    ("left_eye_open", "eye_open", 1),
    ("mouth_open", "mouth_open", None),
    ("gaze_yaw_deg", "gaze_deg", 0),
    ("gaze_pitch_deg", "gaze_deg", 1),
)
_LABELS: dict[str, tuple[str, ...]] = {
    "mask": (*MASK_LABELS, UNSURE),
    "emotion": (*EMOTION_LABELS, UNSURE),
    "gender": (*GENDER_LABELS, UNSURE),
}
_ROW = np.dtype(
    [
        ("frame", np.int64),
        ("time_s", np.float64),
        ("track_id", np.int64),
        ("blinks", np.int64),
        *((name, np.int8) for name in _LABELS),
        *((name, np.float32) for name, _, _ in _NUMBERS),
    ]
)


class FaceTable:
    """Grows by frames; one thread may add to it while others read.

    Past `most_rows`, the oldest rows are forgotten.

    Attributes:
        forgotten: how many rows were.
    """

    def __init__(self, *, most_rows: int = MOST_ROWS) -> None:
        self._most_blocks = max(1, most_rows // BLOCK_ROWS)
        self._lock = threading.Lock()
        self._full: list[NDArray[Any]] = []
        self._last = np.empty(BLOCK_ROWS, _ROW)
        self._used = 0
        self.forgotten = 0

    def __len__(self) -> int:
        with self._lock:
            return len(self._full) * BLOCK_ROWS + self._used

    def add(self, result: FrameResult, frame: int) -> None:
        """Add a row for each face of the frame with that number."""
        rows = _rows(result.faces, frame, result.time_s)
        with self._lock:
            while len(rows):
                part = rows[: BLOCK_ROWS - self._used]
                self._last[self._used : self._used + len(part)] = part
                self._used += len(part)
                rows = rows[len(part) :]
                if self._used == BLOCK_ROWS:
                    self._full.append(self._last)
                    self._last, self._used = np.empty(BLOCK_ROWS, _ROW), 0
            while len(self._full) > self._most_blocks:
                del self._full[0]
                self.forgotten += BLOCK_ROWS

    def rows(self, *, since_s: float = -np.inf) -> NDArray[Any]:
        """A structured array of the rows from that time on, in the order they came in.

        Labels are positions in `MASK_LABELS`, `EMOTION_LABELS` or `GENDER_LABELS`, one past the
        last for `UNSURE`, -1 where unknown; so are a `track_id` and `blinks` that are not known.
        """
        with self._lock:
            # Only the newest blocks are looked at: the live page asks for a minute, often.
            parts = [self._last[: self._used].copy()]
            for block in reversed(self._full):
                if block["time_s"][-1] < since_s:
                    break
                parts.append(block)
        joined: NDArray[Any] = np.concatenate(parts[::-1])
        recent: NDArray[Any] = joined[joined["time_s"] >= since_s]
        return recent

    def arrow(self) -> Any:
        """All rows as a `pyarrow.Table`; labels are strings, null stands for what is unknown."""
        import pyarrow as pa

        rows = self.rows()
        columns: dict[str, Any] = {"frame": rows["frame"], "time_s": rows["time_s"]}
        for name in ("track_id", "blinks"):
            columns[name] = pa.array(rows[name], pa.int64(), mask=rows[name] == UNKNOWN)
        for name, labels in _LABELS.items():
            code = rows[name]
            index = pa.array(np.maximum(code, 0), pa.int8(), mask=code == UNKNOWN)
            columns[name] = pa.DictionaryArray.from_arrays(index, list(labels))
        for name, _, _ in _NUMBERS:
            columns[name] = pa.array(rows[name], pa.float32(), mask=np.isnan(rows[name]))
        return pa.table(columns)

    def parquet(self) -> bytes:
        """All rows as a Parquet file."""
        import pyarrow.parquet as pq

        out = io.BytesIO()
        pq.write_table(self.arrow(), out)  # type: ignore[no-untyped-call]
        return out.getvalue()

    def csv(self) -> bytes:
        """All rows as CSV in UTF-8 with a header line; empty cells for what is unknown."""
        return csv_file(self.columns())

    def json(self) -> bytes:
        """All rows as a JSON list of objects; null for what is unknown."""
        columns = self.columns()
        values = zip(*columns.values(), strict=True)
        return json.dumps([dict(zip(columns, row, strict=True)) for row in values]).encode()

    def columns(self) -> dict[str, list[Any]]:
        """All rows as columns of Python values, rounded to what they are worth; None is unknown."""
        columns: dict[str, list[Any]] = self.arrow().to_pydict()
        for name, values in columns.items():
            if values and any(isinstance(v, float) for v in values):
                columns[name] = [None if v is None else round(v, 4) for v in values]
        return columns


def csv_file(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Columns of one length as CSV in UTF-8 with a header line; empty cells for None."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return out.getvalue().encode()


def _rows(faces: Faces, frame: int, time_s: float) -> NDArray[Any]:
    rows = np.empty(len(faces), _ROW)
    rows["frame"], rows["time_s"] = frame, time_s
    for name in ("track_id", "blinks"):
        known = getattr(faces, name)
        rows[name] = UNKNOWN if known is None else known
    for name, source, k in _NUMBERS:
        array = getattr(faces, source)
        rows[name] = np.nan if array is None else array if k is None else array[:, k]
    for i in range(len(faces)):
        answers = (faces.mask_of(i), faces.emotion_of(i), faces.gender_of(i))
        for (name, labels), answer in zip(_LABELS.items(), answers, strict=True):
            rows[name][i] = UNKNOWN if answer is None else labels.index(answer[0])
    return rows
