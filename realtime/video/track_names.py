"""What a user says about a video's tracks: names, and which of them are the same person.

Nobody is recognised: the program compares no faces, it repeats what the user wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from realtime.output.table_text import csv_bytes, json_bytes, parquet_bytes
from realtime.output.tables import UNKNOWN, FaceTable
from realtime.video.people import Table

MAX_NAME = 40  # characters
WRITERS = {"csv": csv_bytes, "json": json_bytes, "parquet": parquet_bytes}
NAME = "name"  # the column that is added to tables
_PUNCTUATION = " .'-"  # what else is kept of a name: no cell or string may end in it


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackNames:
    """Names of tracks, and tracks that were merged.

    Attributes:
        names: by the number of a track that was not merged into another.
        merged: for each track that was merged, the number of the one that it is now part of.

    Example:
        >>> names = TrackNames().merge(4, into=1).rename(1, "Ann")
        >>> names.title(4), names.title(2)
        ('Ann', 'Face 2')
    """

    names: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    merged: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))

    def rename(self, number: int, name: str) -> TrackNames:
        """Give a track a name; an empty one takes it away."""
        number, clean = self.number(number), clean_name(name)
        others = {track: known for track, known in self.names.items() if track != number}
        return replace(self, names=others | ({number: clean} if clean else {}))

    def merge(self, number: int, *, into: int) -> TrackNames:
        """Count a track as part of another, whose name both then have, or else the first's."""
        number, into = self.number(number), self.number(into)
        if number == into:
            return self
        merged = {track: into if to == number else to for track, to in self.merged.items()}
        names = dict(self.names)
        name = names.pop(number, "")
        if name:
            names.setdefault(into, name)
        return TrackNames(names=names, merged=merged | {number: into})

    def number(self, track: int) -> int:
        """The track that this one is part of: itself unless it was merged."""
        return self.merged.get(track, track)

    def title(self, track: int) -> str:
        """What the track is called, such as "Face 3"."""
        number = self.number(track)
        return self.names.get(number, f"Face {number}")

    def apply(self, rows: Table) -> Table:
        """The rows of a `FaceTable` with merged tracks under one number."""
        if not self.merged:
            return rows
        rows = rows.copy()
        for track, into in self.merged.items():
            rows["track_id"][rows["track_id"] == track] = into
        return rows

    def views(self, views_jpg: Mapping[int, bytes], rows: Table) -> dict[int, bytes]:
        """A picture per person: that of the track with most frames, of those that have one."""
        tracks, frames = np.unique(rows["track_id"], return_counts=True)
        pictures: dict[int, bytes] = {}
        for track in tracks[np.argsort(frames, kind="stable")].tolist():  # the longest last
            if track in views_jpg:
                pictures[self.number(track)] = views_jpg[track]
        return pictures


def clean_name(text: str) -> str:
    """A name as it is stored: letters, digits and little else, at most `MAX_NAME` characters."""
    kept = "".join(c if c.isalnum() or c in _PUNCTUATION else " " for c in text[: 4 * MAX_NAME])
    return " ".join(kept.split())[:MAX_NAME].lstrip(_PUNCTUATION).rstrip()


def named_file(table: FaceTable, names: TrackNames, kind: str) -> bytes:
    """All rows, each with the name of its track.

    Args:
        table: a video's faces; its own columns keep their content.
        names: what the tracks are called.
        kind: a key of `WRITERS`.
    """
    import pyarrow as pa

    arrow = table.arrow()
    tracks, position = np.unique(table.rows()["track_id"], return_inverse=True)
    titles = [None if t == UNKNOWN else names.title(t) for t in tracks.tolist()]
    index, titled = pa.array(position, pa.int32()), pa.array(titles, pa.string())
    arrow = arrow.append_column(NAME, pa.DictionaryArray.from_arrays(index, titled))
    return WRITERS[kind](arrow)
