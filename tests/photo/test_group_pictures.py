"""All faces of a group photo are detected, and nothing else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.faces import Frame
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import MAX_FACES, analyze_photo
from tests.photo.groups import Place, assert_same_faces, group_picture

ALL = AnalysisSettings(max_faces=MAX_FACES)
NAMES = ("astronaut", "hopper")


@pytest.fixture(scope="module")
def sources(astronaut: Frame, hopper: Frame) -> dict[str, Frame]:
    return {"astronaut": astronaut, "hopper": hopper}


def grid(columns: int, rows: int, side: int, gap: int) -> tuple[tuple[int, int], list[Place]]:
    places = [
        Place(NAMES[(c + r) % 2], side, gap + c * (side + gap), gap + r * (side + gap), r % 2 == 1)
        for r in range(rows)
        for c in range(columns)
    ]
    return (gap + columns * (side + gap), gap + rows * (side + gap)), places


@pytest.mark.parametrize(
    ("columns", "rows", "side", "gap"),
    [
        pytest.param(1, 1, 72, 300, id="one small face in a large picture"),
        pytest.param(4, 3, 300, 40, id="12 large faces"),
        pytest.param(6, 4, 120, 60, id="24 medium-sized faces"),
        pytest.param(8, 5, 75, 30, id="40 faces of about 30 px"),
        pytest.param(8, 5, 160, 0, id="40 adjacent faces"),
        pytest.param(12, 1, 200, 10, id="12 faces in a wide picture"),
        pytest.param(1, 12, 200, 10, id="12 faces in a tall picture"),
        pytest.param(2, 2, 640, 5, id="4 faces of about 280 px"),
    ],
)
def test_grid_of_faces(
    networks: Networks,
    sources: dict[str, Frame],
    columns: int,
    rows: int,
    side: int,
    gap: int,
) -> None:
    picture, boxes = group_picture(sources, *grid(columns, rows, side, gap))
    assert_same_faces(analyze_photo(networks, picture, ALL).faces.xyxy, boxes)


def test_face_sizes_from_30_to_300_px_in_one_picture(
    networks: Networks, sources: dict[str, Frame]
) -> None:
    sides, places, x, y = (72, 100, 140, 200, 280, 400, 620), [], 20, 20
    for k in range(3):
        for i, side in enumerate(sides):
            places.append(Place(NAMES[(i + k) % 2], side, x, y, k == 1))
            x += side + 12
        x, y = 20, y + 640
    picture, boxes = group_picture(sources, (2000, 1960), places)
    assert len(boxes) == 21
    assert_same_faces(analyze_photo(networks, picture, ALL).faces.xyxy, boxes)


@pytest.mark.parametrize(("columns", "rows", "side"), [(5, 4, 256), (8, 5, 160), (4, 3, 512)])
def test_grid_of_uncropped_portraits(
    networks: Networks, sources: dict[str, Frame], columns: int, rows: int, side: int
) -> None:
    """The portraits also show flags, a shuttle, a helmet and a badge that looks like a face."""
    tiles = {name: cv2.resize(sources[name][:512, :512], (side, side)) for name in NAMES}
    picture = np.vstack(
        [np.hstack([tiles[NAMES[(r + c) % 2]] for c in range(columns)]) for r in range(rows)]
    )
    boxes = [
        (np.array(FACE_IN_512[NAMES[(r + c) % 2]]) / 512 + np.array([c, r, c, r])) * side
        for r in range(rows)
        for c in range(columns)
    ]
    detected = analyze_photo(networks, picture, ALL).faces.xyxy
    assert_same_faces(detected, np.asarray(boxes, np.float32))


def test_large_photo(networks: Networks, hopper: Frame) -> None:
    large = cv2.resize(np.tile(hopper, (3, 4, 1)), (4000, 3000))
    assert len(analyze_photo(networks, large, ALL).faces) == 12


FACE_IN_512 = {"astronaut": (178, 68, 273, 178), "hopper": (170, 132, 357, 335)}


@settings(max_examples=8)
@given(st.data())
def test_random_layouts(networks: Networks, sources: dict[str, Frame], data: st.DataObject) -> None:
    columns = data.draw(st.integers(2, 5), "columns")
    rows = data.draw(st.integers(1, 4), "rows")
    cell = data.draw(st.sampled_from((110, 180, 260)), "cell")
    places = []
    for r in range(rows):
        for c in range(columns):
            side = data.draw(st.integers(80, cell), "side")
            margin = cell - side
            x = c * cell + data.draw(st.integers(0, margin), "x")
            y = r * cell + data.draw(st.integers(0, margin), "y")
            who = data.draw(st.sampled_from(NAMES), "who")
            places.append(Place(who, side, x, y, data.draw(st.booleans(), "mirrored")))
    picture, boxes = group_picture(sources, (columns * cell, rows * cell), places)
    assert_same_faces(analyze_photo(networks, picture, ALL).faces.xyxy, boxes)


@pytest.mark.parametrize("name", ["brick", "grass", "gravel", "text", "coffee", "cat", "rocket"])
def test_pictures_without_a_person(networks: Networks, name: str) -> None:
    from skimage import data

    picture = getattr(data, name)()
    picture = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    assert len(analyze_photo(networks, np.ascontiguousarray(picture), ALL).faces) == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 3), (40, 3000)])
@pytest.mark.parametrize("value", [0, 255])
def test_unusual_picture_shapes(networks: Networks, shape: tuple[int, int], value: int) -> None:
    result = analyze_photo(networks, np.full((*shape, 3), value, np.uint8), ALL)
    assert len(result.faces) == 0
    assert result.size_wh == (shape[1], shape[0])


def test_faces_are_ordered_from_left_to_right_and_have_all_requested_results(
    networks: Networks, sources: dict[str, Frame]
) -> None:
    picture, _ = group_picture(sources, *grid(3, 2, 200, 20))
    result = analyze_photo(networks, picture, ALL, now_s=4.5)
    faces = result.faces
    assert (np.diff(faces.xyxy[:, 0]) >= 0).all()
    assert faces.landmarks is not None
    assert faces.landmarks.points.shape == (6, 468, 3)
    assert list(faces.attributes) == ["mask", "emotion"]
    assert np.allclose(faces.attributes["mask"].prob.sum(axis=1), 1, atol=1e-3)
    assert result.time_s == 4.5
    assert set(result.timings_ms) == {"detect", "mesh", "landmarks", "classify", "total"}


def test_largest_faces_are_kept(networks: Networks, sources: dict[str, Frame]) -> None:
    places = [Place("hopper", side, x, 0) for side, x in ((100, 0), (300, 110), (200, 420))]
    picture, boxes = group_picture(sources, (620, 300), places)
    faces = analyze_photo(networks, picture, AnalysisSettings(max_faces=2)).faces
    assert_same_faces(faces.xyxy, boxes[1:])


def test_a_higher_threshold_never_adds_faces(networks: Networks, sources: dict[str, Frame]) -> None:
    picture, _ = group_picture(sources, *grid(4, 3, 90, 10))
    counts = [
        len(analyze_photo(networks, picture, AnalysisSettings(min_score=s, max_faces=99)).faces)
        for s in (0.3, 0.5, 0.7, 0.95)
    ]
    assert counts == sorted(counts, reverse=True)


def test_no_false_positive_in_an_enlarged_pair(
    networks: Networks, astronaut: Frame, hopper: Frame
) -> None:
    """Regression test: the tip of the shuttle behind the astronaut was detected as a face."""
    pair = np.hstack([astronaut, hopper[:512]])
    enlarged = np.asarray(cv2.resize(pair, (1536, 768)), np.uint8)
    faces = analyze_photo(networks, enlarged, ALL).faces
    assert len(faces) == 2
