"""Downloads of photos can be opened and contain the results."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace

import cv2
import numpy as np
import pytest

from realtime.attribute.registry import ATTRIBUTES, EMOTION
from realtime.core.arrays import Frame
from realtime.core.faces import Faces, FrameResult
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo
from realtime.output.crops import encode
from realtime.output.photo_files import (
    AnalysedPhoto,
    annotated_jpg,
    annotated_zip,
    faces_csv,
    faces_json,
    faces_zip,
    file_stems,
)
from realtime.output.records import photo_record


@pytest.fixture(scope="module")
def photos(networks: Networks, astronaut: Frame, hopper: Frame) -> list[AnalysedPhoto]:
    """Photos of two people, of none and of one."""
    pictures = {
        "two.png": np.hstack([astronaut, hopper[:512]]),
        "nobody.png": np.full((90, 120, 3), 128, np.uint8),
        "one.png": astronaut,
    }
    settings = AnalysisSettings(attributes=frozenset(ATTRIBUTES))
    return [
        AnalysedPhoto(
            name=name, data=encode(frame, ".png"), result=analyze_photo(networks, frame, settings)
        )
        for name, frame in pictures.items()
    ]


def named(*names: str) -> list[AnalysedPhoto]:
    result = FrameResult(Faces.empty(), (1, 1), 0.0)
    return [AnalysedPhoto(name=name, data=b"", result=result) for name in names]


def unzip(data: bytes) -> dict[str, Frame]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: decode(archive.read(name)) for name in archive.namelist()}


def decode(data: bytes) -> Frame:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8)


def test_crops_of_one_photo_have_no_folder(photos: list[AnalysedPhoto]) -> None:
    files = unzip(faces_zip(photos[:1]))
    assert list(files) == ["two-face01.png", "two-face02.png"]
    assert all(min(crop.shape[:2]) > 90 for crop in files.values())


def test_crops_of_several_photos_are_in_folders(photos: list[AnalysedPhoto]) -> None:
    files = unzip(faces_zip(photos))
    assert list(files) == ["two/two-face01.png", "two/two-face02.png", "one/one-face01.png"]


def test_annotated_photo_has_full_size_and_a_box(
    photos: list[AnalysedPhoto], astronaut: Frame
) -> None:
    marked = decode(annotated_jpg(photos[2], DrawSettings()))
    assert marked.shape == astronaut.shape
    x0, y0, x1, _ = photos[2].result.faces.xyxy[0].astype(int)
    changed = np.abs(marked.astype(int) - astronaut).max(axis=2) > 60
    assert changed[y0 - 2 : y0 + 3, x0:x1].mean() > 0.12  # the box's upper edge
    assert list(unzip(annotated_zip(photos, DrawSettings()))) == [
        "two-annotated.jpg",
        "nobody-annotated.jpg",
        "one-annotated.jpg",
    ]


def test_table_has_one_row_per_face(photos: list[AnalysedPhoto]) -> None:
    rows = list(csv.DictReader(io.StringIO(faces_csv(photos).decode())))
    assert [(row["path"], row["face"]) for row in rows] == [
        ("two.png", "1"),
        ("two.png", "2"),
        ("one.png", "1"),
    ]
    assert (rows[0]["width"], rows[0]["height"]) == ("1024", "512")
    assert not {"frame", "time_s", "track_id", "blinks"} & set(rows[0])
    faces = photos[0].result.faces
    for i, row in enumerate(rows[:2]):
        assert float(row["x0"]) == pytest.approx(faces.xyxy[i, 0], abs=1e-3)
        mask, gender = faces.label("mask", i), faces.label("gender", i)
        assert mask is not None
        assert gender is not None
        assert (row["mask"], row["gender"]) == (mask[0], gender[0])
        assert sum(float(row[f"emotion_{name}"]) for name in EMOTION.labels) == pytest.approx(
            1, abs=0.01
        )
        assert row["yaw_deg"] == ""  # not requested


def test_a_file_name_is_not_a_formula(photos: list[AnalysedPhoto]) -> None:
    named_as_formula = replace(photos[2], name="=cmd|' /C calc'!A0.png")
    (row,) = csv.DictReader(io.StringIO(faces_csv([named_as_formula]).decode()))
    assert row["path"] == "'=cmd|' /C calc'!A0.png"


def test_empty_table_has_a_header() -> None:
    (header,) = faces_csv(named("a.png")).decode().splitlines()
    assert header.startswith("path,width,height,face,")


def test_json_equals_the_command_line_output(photos: list[AnalysedPhoto]) -> None:
    records = json.loads(faces_json(photos))
    assert records == [json.loads(json.dumps(photo_record(p.name, p.result))) for p in photos]
    assert [len(record["faces"]) for record in records] == [2, 0, 1]


def test_file_names_are_safe_and_unique() -> None:
    names = ("a.jpg", "a.png", "../../etc/passwd", "..", "Zoë & co?.jpg", ".jpg", "b/c.webp")
    stems = file_stems(named(*names))
    assert stems == ["a", "a-2", "passwd", "photo", "Zoë _ co_", "jpg", "c"]
