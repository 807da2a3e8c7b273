"""Our own mesh network: close to MediaPipe's on real faces, and as useful to the pipeline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces
from realtime.core.landmarks import MESH468
from realtime.core.settings import AnalysisSettings
from realtime.detect import create_detector
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo
from realtime.engine.pipeline import Pipeline
from realtime.landmark.facestream_mesh import (
    NAME,
    POINTS,
    FaceStreamMesh,
    head_columns,
    inner_squares,
    to_frame,
)
from realtime.landmark.mediapipe_mesh import MediaPipeMesh
from realtime.landmark.region import (
    region_matrices,
    regions_from_boxes,
    regions_from_landmarks,
)

SETTINGS = AnalysisSettings(landmarks="mesh", attributes=frozenset())


@pytest.fixture(scope="module")
def mesh() -> FaceStreamMesh:
    return FaceStreamMesh()


def first_region(picture: Frame) -> F32:
    faces: Faces = create_detector("facestream").detect(picture, min_score=0.5)[:1]
    assert len(faces) == 1
    return regions_from_boxes(faces.xyxy, faces.keypoints)


@pytest.mark.parametrize("name", ["astronaut", "hopper"])
def test_points_are_close_to_those_of_the_teacher(
    name: str, mesh: FaceStreamMesh, request: pytest.FixtureRequest
) -> None:
    picture: Frame = request.getfixturevalue(name)
    region = first_region(picture)
    ours, presence = mesh(picture, regions_from_landmarks(mesh(picture, region)[0]))
    teacher = MediaPipeMesh()
    theirs, _ = teacher(picture, regions_from_landmarks(teacher(picture, region)[0]))
    corners = theirs.eye_corners()[0, :, :2]
    distance = np.linalg.norm(ours.xy - theirs.xy, axis=2).mean()
    assert distance < 0.06 * np.linalg.norm(corners[0] - corners[1])
    assert presence[0] > 0.9


def test_presence_is_low_where_there_is_no_face(astronaut: Frame, mesh: FaceStreamMesh) -> None:
    plain = np.full((200, 200, 3), 120, np.uint8)
    grain = np.random.default_rng(0).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    whole = np.array([[100, 100, 150, 0]], np.float32)
    shoulder = np.array([[90, 430, 140, 0]], np.float32)
    for picture, region in ((plain, whole), (grain, whole), (astronaut, shoulder)):
        assert mesh(picture, region)[1][0] < 0.5


def test_no_region_gives_no_face(astronaut: Frame, mesh: FaceStreamMesh) -> None:
    landmarks, presence = mesh(astronaut, np.zeros((0, 4), np.float32))
    assert landmarks.points.shape == (0, 468, 3)
    assert presence.shape == (0,)


def test_points_turn_with_the_picture(astronaut: Frame, mesh: FaceStreamMesh) -> None:
    upright, _ = mesh(astronaut, first_region(astronaut))
    turned, _ = mesh(
        np.ascontiguousarray(np.rot90(astronaut, -1)),  # clockwise: x = 511 - y, y = x
        np.array([[511 - y, x, s, a + np.pi / 2] for x, y, s, a in first_region(astronaut)], "f4"),
    )
    back = np.stack([turned.points[0, :, 1], 511 - turned.points[0, :, 0]], axis=1)
    assert np.abs(back - upright.xy[0]).mean() < 1.0


def test_faces_are_followed_by_the_mesh_that_is_chosen(astronaut: Frame) -> None:
    networks = Networks()
    used = list[str]()

    class Watched(FaceStreamMesh):
        def __call__(self, frame_bgr: Frame, regions: F32) -> Any:
            used.append(NAME)
            return super().__call__(frame_bgr, regions)

    networks._followers["mesh"] = Watched()
    pipeline = Pipeline(networks, SETTINGS)
    shown = [len(pipeline.process(astronaut, i / 30).faces) for i in range(12)]
    assert shown[-1] == 1
    assert len(used) == 12
    assert len(analyze_photo(networks, astronaut, SETTINGS).faces) == 1
    assert len(used) > 12


def test_a_face_that_leaves_is_lost(astronaut: Frame) -> None:
    pipeline = Pipeline(Networks(), SETTINGS)
    empty = cv2.GaussianBlur(np.roll(astronaut, 256, axis=0), (0, 0), 40)
    for i in range(12):
        pipeline.process(astronaut, i / 30)
    assert len(pipeline.process(np.asarray(empty, np.uint8), 2.0).faces) == 0


def with_heads(heads: object) -> models.Model:
    model = models.load(NAME)
    return replace(model, card={**model.card, "heads": heads})


def test_columns_of_each_head() -> None:
    columns = head_columns(with_heads({"points": POINTS, "presence": 1, "smile": 2}))
    assert columns["points"] == slice(0, POINTS)
    assert columns["smile"] == slice(POINTS + 1, POINTS + 3)


@pytest.mark.parametrize(
    "heads",
    [None, {}, {"points": POINTS}, {"points": 10, "presence": 1}, [1404, 1],
     {"points": POINTS, "presence": 1, "smile": -3}, {"points": POINTS, "presence": 1, "a": "b"}],
)  # fmt: skip
def test_a_card_without_the_heads_is_an_error(heads: object) -> None:
    with pytest.raises(models.ModelError, match="heads"):
        head_columns(with_heads(heads))


@given(
    x=st.floats(-500, 2000),
    y=st.floats(-500, 2000),
    side=st.floats(8, 2000),
    angle=st.floats(-4, 4),
    zoom=st.floats(1, 2),
)
def test_points_lie_where_the_crop_was_cut(
    x: float, y: float, side: float, angle: float, zoom: float
) -> None:
    squares = inner_squares(np.array([[x, y, side, angle]], np.float32), zoom)
    points = np.random.default_rng(0).uniform(-0.6, 0.6, (1, 468, 3)).astype(np.float32)
    placed = to_frame(points.reshape(1, -1), squares)
    matrix = region_matrices(squares, 96)[0]
    expected = ((points[0, :, :2] + 0.5) * 96) @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(placed[0, :, :2], expected, atol=1e-3 * max(side, abs(x), abs(y), 1))


def test_card_names_teacher_and_terms() -> None:
    model = models.load(NAME)
    assert "Apache-2.0" in model.card["teacher"]
    assert len(model.card["training"]["sets"]) == len(model.card["training"]["terms"])
    assert model.path.stat().st_size <= 1_500_000
    assert len(model.labels) == MESH468.count
