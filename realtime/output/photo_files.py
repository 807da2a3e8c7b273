"""Downloads of analysed photos: crops of faces, annotated photos, CSV, JSON, COCO and Label Studio.

The photos are decoded again on request, because keeping their pixels would take too much memory.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from realtime.core.faces import FrameResult
from realtime.core.settings import DrawSettings
from realtime.media.pictures import decode_picture
from realtime.output.coco import coco_dataset
from realtime.output.crops import encode, face_crop, numbered
from realtime.output.files import free_name
from realtime.output.label_studio import label_studio_tasks
from realtime.output.records import photo_record
from realtime.output.tables import FaceTable, csv_file
from realtime.render.draw import draw_result

# Columns that only make sense for videos and streams.
_STREAM_COLUMNS = ("frame", "time_s", "track_id", "blinks")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnalysedPhoto:
    """A photo and its faces.

    Attributes:
        name: file name.
        data: the file's bytes; `decode_picture` must be able to decode them.
        result: the faces from left to right.
    """

    name: str
    data: bytes
    result: FrameResult


def face_png(photo: AnalysedPhoto, i: int) -> bytes:
    """Crop of face i with a margin, at full resolution."""
    frame = decode_picture(photo.data)
    return encode(face_crop(frame, photo.result.faces.xyxy[i]), ".png")


def annotated_jpg(photo: AnalysedPhoto, draw: DrawSettings) -> bytes:
    """The photo at full resolution with its faces annotated and numbered."""
    frame = decode_picture(photo.data)
    draw_result(frame, numbered(photo.result.faces), draw)
    return encode(frame, ".jpg")


def faces_zip(photos: Sequence[AnalysedPhoto]) -> bytes:
    """A ZIP file with a PNG of each face; for several photos, with one folder per photo."""

    def files() -> Iterator[tuple[str, bytes]]:
        for stem, photo in zip(file_stems(photos), photos, strict=True):
            folder = f"{stem}/" if len(photos) > 1 else ""
            frame = decode_picture(photo.data)
            for number, xyxy in enumerate(photo.result.faces.xyxy, 1):
                png = encode(face_crop(frame, xyxy), ".png")
                yield f"{folder}{stem}-face{number:02d}.png", png
            del frame  # before the next one is decoded

    return _zip(files())


def annotated_zip(photos: Sequence[AnalysedPhoto], draw: DrawSettings) -> bytes:
    """A ZIP file with the annotated photos."""
    stems = file_stems(photos)
    return _zip(
        (f"{stem}-annotated.jpg", annotated_jpg(photo, draw))
        for stem, photo in zip(stems, photos, strict=True)
    )


def faces_csv(photos: Sequence[AnalysedPhoto]) -> bytes:
    """One row per face: the photo's name and size, the face's number from 1, and its results."""
    table = FaceTable()
    for position, photo in enumerate(photos):
        table.add(photo.result, position)
    columns = table.columns()
    of = [photos[position] for position in columns["frame"]]
    first = {
        "path": [photo.name for photo in of],
        "width": [photo.result.size_wh[0] for photo in of],
        "height": [photo.result.size_wh[1] for photo in of],
        "face": [i + 1 for photo in photos for i in range(len(photo.result.faces))],
    }
    return csv_file(first | {k: v for k, v in columns.items() if k not in _STREAM_COLUMNS})


def faces_json(photos: Sequence[AnalysedPhoto]) -> bytes:
    """The results in the JSON format of `python -m realtime photo --json`."""
    return _json([photo_record(photo.name, photo.result) for photo in photos])


def faces_coco(photos: Sequence[AnalysedPhoto]) -> bytes:
    """The boxes and labels as a COCO data set."""
    return _json(coco_dataset((photo.name, photo.result) for photo in photos))


def faces_label_studio(photos: Sequence[AnalysedPhoto]) -> bytes:
    """The boxes and labels as tasks for Label Studio."""
    return _json(label_studio_tasks((photo.name, photo.result) for photo in photos))


def file_stems(photos: Sequence[AnalysedPhoto]) -> list[str]:
    """A file name for each photo: its own without suffix, unique, and valid on all systems."""
    stems: list[str] = []
    for photo in photos:
        safe = re.sub(r"[^\w\- .()]", "_", PurePath(photo.name).stem).strip(". ")
        stems.append(free_name(safe or "photo", stems))
    return stems


def _json(data: Any) -> bytes:
    return f"{json.dumps(data, ensure_ascii=False)}\n".encode()


def _zip(files: Iterator[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    # PNG and JPEG are already compressed.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()
