"""A small archive of photos, a bad file and a video, and its results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from realtime.bulk.job import Job
from realtime.bulk.run import Archive, run_archive
from realtime.core.arrays import Frame
from realtime.core.settings import AnalysisSettings
from tests.video.clips import RATE, make_clip

PHOTOS = 10
VIDEO_S = 23


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysed:
    """An archive and its results."""

    sources: Path
    folder: Path
    job: Job


def write_photos(folder: Path, faces: list[Frame], count: int = PHOTOS) -> None:
    """Small photos of one face each, in two subfolders, no two of them alike."""
    for k in range(count):
        target = folder / f"day{k % 2}"
        target.mkdir(parents=True, exist_ok=True)
        photo = cv2.resize(faces[k % len(faces)], (160 + 2 * k, 160 + 2 * k))
        cv2.imwrite(str(target / f"p{k:03d}.jpg"), photo)


def moving_clip(face: Frame, seconds: int = VIDEO_S) -> bytes:
    """A face that moves slowly to the right and back, at 10 fps."""
    small = np.asarray(cv2.resize(face, (120, 120)), np.uint8)
    frames = []
    for k in range(seconds * RATE):
        frame = np.full((160, 240, 3), 90, np.uint8)
        left = 40 + abs(k % 80 - 40)
        frame[20:140, left : left + 120] = small
        frames.append(frame)
    return make_clip(frames, sound=None)


def all_rows(folder: Path) -> pa.Table:
    """The rows of all parts, sorted by id, without what differs between two runs."""
    tables = [pq.read_table(path) for path in sorted(folder.glob("part-*.parquet"))]
    return pa.concat_tables(tables).sort_by("item_id").drop_columns(["ms"])


@pytest.fixture(scope="session")
def analysed(tmp_path_factory: pytest.TempPathFactory, astronaut: Frame, hopper: Frame) -> Analysed:
    """Photos, a file that is no picture, and a video of two segments, analysed by two workers."""
    folder = tmp_path_factory.mktemp("archive")
    sources = folder / "in"
    write_photos(sources, [astronaut, hopper])
    (sources / "day0/bad.jpg").write_bytes(b"not a picture")
    (sources / "clip.mp4").write_bytes(moving_clip(astronaut))
    job = Job(settings=AnalysisSettings(attributes=frozenset({"mask", "emotion"})), crops=True)
    archive = Archive(sources=(str(sources),), folder=folder / "out", job=job, workers=2)
    totals = run_archive(archive)
    assert totals.failed_rows == 1
    return Analysed(sources=sources, folder=folder / "out", job=job)
