"""Faces that only the teacher found: learned if it is sure of them, otherwise ignored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from realtime.core.faces import F32
from training.data import DataError
from training.detector.batches import SceneBatches
from training.detector.examples import Example, ExampleSet, with_teacher
from training.detector.teacher import FILE, TeacherFaces, read_teacher

HEAD = (
    "set,path,x0,y0,x1,y1,score,right_eye_x,right_eye_y,left_eye_x,left_eye_y,nose_x,nose_y,"
    "mouth_right_x,mouth_right_y,mouth_left_x,mouth_left_y\n"
)


def example(boxes: list[list[float]], *, hard: bool = False, level: int = 0) -> Example:
    """A gray picture with valid boxes without key points."""
    n = len(boxes)
    return Example(
        np.full((100, 100, 3), level, np.uint8),
        np.array(boxes, np.float32).reshape(n, 4),
        np.ones(n, bool),
        np.full((n, 5, 2), np.nan, np.float32),
        np.full((n, 30, 2), np.nan, np.float32),
        np.full(n, hard),
    )


def found(boxes: list[list[float]], *scores: float) -> TeacherFaces:
    xyxy: F32 = np.array(boxes, np.float32)
    points = np.arange(len(boxes) * 10, dtype=np.float32).reshape(-1, 5, 2)
    return TeacherFaces(xyxy, np.array(scores, np.float32), points)


def test_sure_faces_are_learned_and_others_ignored() -> None:
    teacher = found([[10, 10, 30, 30], [50, 50, 70, 70], [72, 10, 90, 30]], 0.9, 0.9, 0.3)
    result = with_teacher(example([[11, 11, 31, 31]]), teacher)
    assert result.xyxy[1:].tolist() == [[50, 50, 70, 70], [72, 10, 90, 30]]
    assert result.valid.tolist() == [True, True, False]
    # The annotated box stays and borrows the key points.
    assert result.xyxy[0].tolist() == [11, 11, 31, 31]
    np.testing.assert_array_equal(result.points, teacher.points)
    assert result.outline.shape == (3, 30, 2)


def test_key_points_of_the_mesh_are_kept() -> None:
    known = example([[10, 10, 30, 30]])
    known.points[:] = 7
    result = with_teacher(known, found([[10, 10, 30, 30]], 0.9))
    assert (result.points == 7).all()


def test_a_picture_without_boxes_or_finds() -> None:
    nothing = TeacherFaces(
        np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32)
    )
    assert len(with_teacher(example([]), nothing).xyxy) == 0
    assert with_teacher(example([]), found([[1, 1, 20, 20]], 0.8)).valid.tolist() == [True]
    assert len(with_teacher(example([[1, 1, 20, 20]]), nothing).xyxy) == 1


def test_file_is_read_by_set_and_path(tmp_path: Path) -> None:
    assert read_teacher(tmp_path, "a") == {}
    numbers = ",".join(map(str, range(10)))
    (tmp_path / FILE).write_text(
        f"{HEAD}a,x.webp,1,2,3,4,0.5,{numbers}\nb,y.webp,1,2,3,4,1,{numbers}\n"
    )
    faces = read_teacher(tmp_path, "a")
    assert list(faces) == ["x.webp"]
    assert faces["x.webp"].xyxy.tolist() == [[1, 2, 3, 4]]
    assert faces["x.webp"].points[0, 4].tolist() == [8, 9]


def test_missing_column_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("set,path,x0,y0,x1,y1\n")
    with pytest.raises(DataError, match="has no column"):
        read_teacher(tmp_path, "a")


def test_pictures_with_hard_faces_are_drawn_more_often() -> None:
    easy = [example([[10, 10, 40, 40]], level=50)] * 3
    hard = [example([[10, 10, 40, 40]], hard=True, level=200)] * 3
    batches = SceneBatches(
        [ExampleSet("a", 1.0, [*easy, *hard], [])], 64, batch=1, batches=1, seed=0
    )
    rng = np.random.default_rng(0)
    levels = [int(batches._example(rng).picture[0, 0, 0]) for _ in range(600)]
    assert 1.6 < levels.count(200) / levels.count(50) < 2.4
