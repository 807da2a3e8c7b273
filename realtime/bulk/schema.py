"""The columns of an archive's files; docs/archives.md describes them. They only grow.

A part has one row per item: a photo, or a segment of a video. Its faces stay a list, so that
`item_id` is unique; the views of `realtime.bulk.views` unnest it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from realtime.attribute.registry import ATTRIBUTES, Attribute
from realtime.core.faces import Faces
from realtime.output.records import face_record

SCHEMA_VERSION = 1
METADATA = {"facestream.schema": str(SCHEMA_VERSION)}
PHOTO, VIDEO = "photo", "video"

_BOX = pa.struct([(side, pa.float32()) for side in ("x0", "y0", "x1", "y1")])
_POSE = pa.struct([(angle, pa.float32()) for angle in ("yaw", "pitch", "roll")])
_GAZE = pa.struct([(angle, pa.float32()) for angle in ("yaw", "pitch")])


def item_fields() -> list[tuple[str, pa.DataType]]:
    """The columns of a manifest, which a part repeats."""
    return [
        ("item_id", pa.string()),
        ("path", pa.string()),
        ("kind", pa.string()),
        ("bytes", pa.int64()),
        ("modified", pa.timestamp("us")),
        ("start_s", pa.float64()),
        ("end_s", pa.float64()),
        ("error", pa.string()),
    ]


def manifest_schema() -> pa.Schema:
    """One row per item that is to be analysed."""
    return pa.schema(item_fields(), metadata=METADATA)


def part_schema() -> pa.Schema:
    """One row per item that was analysed, with an error or with its faces."""
    return pa.schema(
        [
            *item_fields(),
            ("width", pa.int32()),
            ("height", pa.int32()),
            ("frames", pa.int32()),
            ("ms", pa.float32()),
            ("faces", pa.list_(face_type())),
            ("lead_in", pa.list_(lead_in_type())),
            ("crops", pa.list_(pa.binary())),
        ],
        metadata=METADATA,
    )


def tracks_schema() -> pa.Schema:
    """Which track of a segment belongs to which track of its video."""
    return pa.schema(
        [
            ("item_id", pa.string()),
            ("track_id", pa.int32()),
            ("path", pa.string()),
            ("track", pa.int32()),
            ("first_s", pa.float64()),
            ("last_s", pa.float64()),
            ("frames", pa.int32()),
        ],
        metadata=METADATA,
    )


def face_type() -> pa.DataType:
    """One face: as in the JSON of photos and frames, with a time in videos."""
    return pa.struct(
        [
            ("time_s", pa.float64()),
            ("track_id", pa.int32()),
            ("box", _BOX),
            ("score", pa.float32()),
            *((a.name, _answer_type(a)) for a in ATTRIBUTES.values()),
            ("pose", _POSE),
            ("eyes_open", pa.list_(pa.float32())),
            ("mouth_open", pa.float32()),
            ("gaze", _GAZE),
            ("blinks", pa.int32()),
            ("points", pa.list_(pa.list_(pa.float32()))),
            ("crop", pa.bool_()),  # whether there is a picture of it in the row's crops
        ]
    )


def lead_in_type() -> pa.DataType:
    """A face in the second before a segment, by which its tracks are joined to the ones before."""
    return pa.struct([("time_s", pa.float64()), ("track_id", pa.int32()), ("box", _BOX)])


def face_rows(faces: Faces, *, time_s: float | None, points: bool) -> list[dict[str, Any]]:
    """The faces of a photo or frame as values of `face_type`.

    Args:
        faces: with what was asked for.
        time_s: of the frame, from the video's start; None in a photo.
        points: whether the landmarks are kept.
    """
    if not points:
        faces = faces.with_(landmarks=None)
    rows = []
    for i in range(len(faces)):
        row = face_record(faces, i)
        landmarks = row.pop("landmarks")
        row["box"] = box_row(row["box"])
        row["points"] = landmarks["points"] if landmarks else None
        row["time_s"] = None if time_s is None else round(time_s, 4)
        rows.append(row)
    return rows


def box_row(xyxy: Sequence[float]) -> dict[str, float]:
    """A box as a struct."""
    return dict(zip(("x0", "y0", "x1", "y1"), xyxy, strict=True))


def part_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table of `part_schema`; missing columns are null."""
    return pa.Table.from_pylist(list(rows), schema=part_schema())


def _answer_type(attribute: Attribute) -> pa.DataType:
    return pa.struct(
        [
            ("label", pa.string()),
            ("probs", pa.struct([(label, pa.float32()) for label in attribute.labels])),
            ("doubts", pa.list_(pa.string())),
            ("masked", pa.bool_()),
        ]
    )
