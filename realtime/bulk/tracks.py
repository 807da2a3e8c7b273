"""Joining the tracks of a video's segments: the same face, the same number.

A segment's first second is analysed at the end of the segment before, too. Tracks whose boxes lie
on each other there are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset
from numpy.typing import NDArray

from realtime.bulk.errors import BulkError
from realtime.bulk.files import read_columns, write_tables
from realtime.bulk.schema import VIDEO, part_schema, tracks_schema
from realtime.bulk.segment import LEAD_IN_S
from realtime.core.geometry import iou

dataset: Any = pyarrow.dataset  # which has no types
MIN_IOU = 0.5  # on average over the frames that both have
_SIDES = ("x0", "y0", "x1", "y1")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boxes:
    """Boxes of tracks over time: n rows.

    Attributes:
        time_ms: (n,) int64.
        track: (n,) int64.
        xyxy: (n, 4) float32.
    """

    time_ms: NDArray[np.int64]
    track: NDArray[np.int64]
    xyxy: NDArray[np.float32]

    def since(self, time_s: float) -> Boxes:
        """The rows from a time on."""
        late = self.time_ms >= round(time_s * 1e3)
        return Boxes(time_ms=self.time_ms[late], track=self.track[late], xyxy=self.xyxy[late])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segment:
    """What is needed of one segment.

    Attributes:
        item_id: of its row.
        start_s: where it starts.
        end_s: where it ends.
        spans: for each track, its first and last time in seconds and its frames.
        lead_in: its faces in the second before.
        tail: its faces in its last second.
    """

    item_id: str
    start_s: float
    end_s: float
    spans: dict[int, tuple[float, float, int]]
    lead_in: Boxes
    tail: Boxes


def same_tracks(before: Boxes, after: Boxes) -> dict[int, int]:
    """Which track of `after` is which of `before`, by the overlap of their boxes.

    Returns:
        Tracks of `before` by those of `after`, each at most once; the best matches come first.
    """
    overlaps: dict[tuple[int, int], list[float]] = defaultdict(list)
    for time_ms in np.intersect1d(before.time_ms, after.time_ms):
        old, new = before.time_ms == time_ms, after.time_ms == time_ms
        table = iou(before.xyxy[old], after.xyxy[new])
        for i, a in enumerate(before.track[old].tolist()):
            for j, b in enumerate(after.track[new].tolist()):
                overlaps[a, b].append(float(table[i, j]))
    pairs = {pair: float(np.mean(values)) for pair, values in overlaps.items()}
    found: dict[int, int] = {}
    for (a, b), mean in sorted(pairs.items(), key=lambda entry: (-entry[1], entry[0])):
        if mean >= MIN_IOU and b not in found and a not in found.values():
            found[b] = a
    return found


def join_segments(segments: list[Segment]) -> Iterator[tuple[str, int, int]]:
    """Number the tracks of one video from 1, in the order in which they appear.

    Args:
        segments: in any order; where one is missing, no track goes on.

    Yields:
        `item_id`, track in the segment, track in the video.
    """
    total, numbers = 0, dict[int, int]()
    before: Segment | None = None
    for segment in sorted(segments, key=lambda s: s.start_s):
        same: dict[int, int] = {}
        if before is not None and abs(before.end_s - segment.start_s) < 1e-3:
            same = same_tracks(before.tail, segment.lead_in)
        own = dict[int, int]()
        for track, _ in sorted(segment.spans.items(), key=lambda entry: (entry[1][0], entry[0])):
            if same.get(track) in numbers:
                own[track] = numbers[same[track]]
            else:
                total += 1
                own[track] = total
            yield segment.item_id, track, own[track]
        before, numbers = segment, own


def write_tracks(folder: Path, prefix: str, manifest: Path, target: Path) -> int:
    """Join the tracks of all videos of a manifest, as far as they are analysed.

    Args:
        folder: of the results.
        prefix: of the names of the parts that have them.
        manifest: lists the videos.
        target: the file to write.

    Returns:
        Number of rows written; without any there is no file.

    Raises:
        BulkError: a part is damaged, or the file cannot be written.
    """
    listed = read_columns(manifest, ["item_id", "kind"])
    kinds = zip(listed["item_id"].to_pylist(), listed["kind"].to_pylist(), strict=True)
    wanted = {item_id for item_id, kind in kinds if kind == VIDEO}
    parts = [str(path) for path in folder.glob(f"{prefix}*.parquet")] if wanted else []
    videos: dict[str, list[Segment]] = defaultdict(list)
    try:
        columns = ["item_id", "path", "start_s", "end_s", "faces", "lead_in"]
        data = dataset.dataset(parts, schema=part_schema(), format="parquet")
        videos_only = (dataset.field("kind") == VIDEO) & dataset.field("faces").is_valid()
        for batch in data.to_batches(columns=columns, filter=videos_only, batch_size=8):
            for k in range(len(batch)):
                item_id = batch["item_id"][k].as_py()
                if item_id in wanted:
                    videos[batch["path"][k].as_py()].append(_segment(batch, k))
    except (OSError, pa.ArrowException) as error:
        raise BulkError(f"The parts in {folder} cannot be read: {error}.") from error
    rows: list[dict[str, Any]] = []
    for path, segments in sorted(videos.items()):
        spans = {segment.item_id: segment.spans for segment in segments}
        for item_id, track_id, track in join_segments(segments):
            first_s, last_s, frames = spans[item_id][track_id]
            rows.append(
                {"item_id": item_id, "track_id": track_id, "path": path, "track": track,
                 "first_s": first_s, "last_s": last_s, "frames": frames}
            )  # fmt: skip
    if rows:
        schema = tracks_schema()
        write_tables(target, schema, [pa.Table.from_pylist(rows, schema=schema)])
    else:
        target.unlink(missing_ok=True)
    return len(rows)


def _segment(batch: pa.RecordBatch, k: int) -> Segment:
    boxes = _boxes(batch["faces"][k].values)
    end_s = batch["end_s"][k].as_py()
    spans = {}
    for track in np.unique(boxes.track).tolist():
        times_ms = boxes.time_ms[boxes.track == track]
        spans[track] = (times_ms.min() / 1e3, times_ms.max() / 1e3, len(times_ms))
    return Segment(
        item_id=batch["item_id"][k].as_py(),
        start_s=batch["start_s"][k].as_py(),
        end_s=end_s,
        spans=spans,
        lead_in=_boxes(batch["lead_in"][k].values),
        tail=boxes.since(end_s - LEAD_IN_S),
    )


def _boxes(faces: pa.StructArray) -> Boxes:
    time_s = faces.field("time_s").to_numpy(zero_copy_only=False)
    box = faces.field("box")
    sides = [box.field(side).to_numpy(zero_copy_only=False) for side in _SIDES]
    return Boxes(
        time_ms=np.rint(time_s * 1e3).astype(np.int64),
        track=faces.field("track_id").to_numpy(zero_copy_only=False).astype(np.int64),
        xyxy=np.stack(sides, axis=1).astype(np.float32),
    )
