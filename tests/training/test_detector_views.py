"""Training views of the detector and the targets of its cells."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.detector.augment import ViewAugment, augment_view
from training.detector.examples import Example
from training.detector.targets import BACKGROUND, FACE, IGNORE, targets
from training.detector.views import mosaic, random_view, transformed_view


def example(
    *boxes: tuple[float, float, float, float], size: tuple[int, int] = (240, 320)
) -> Example:
    """A dark picture with a bright rectangle in the place of each face."""
    picture = np.full((*size, 3), 20, np.uint8)
    xyxy = np.array(boxes, np.float32).reshape(-1, 4)
    points = np.empty((len(xyxy), 5, 2), np.float32)
    for i, (x0, y0, x1, y1) in enumerate(xyxy):
        picture[int(y0) : int(y1), int(x0) : int(x1)] = 220
        fractions = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
        points[i] = np.array([x0, y0]) + fractions * np.array([x1 - x0, y1 - y0])
    valid = np.ones(len(xyxy), bool)
    outline = np.full((len(xyxy), 30, 2), np.nan, np.float32)
    return Example(picture, xyxy, valid, points, outline, np.zeros(len(xyxy), bool))


ONE = example((100, 60, 160, 130))


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_boxes_stay_on_the_faces(seed: int) -> None:
    view = random_view(ONE, (320, 320), np.random.default_rng(seed))
    assert view.picture.shape == (320, 320, 3)
    for x0, y0, x1, y1 in view.xyxy[view.valid]:
        assert 0 <= x0 < x1 <= 320
        assert 0 <= y0 < y1 <= 320
        middle = view.picture[int((y0 + y1) / 2), int((x0 + x1) / 2)]
        assert (middle > 150).all()


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_first_point_is_always_the_eye_on_the_left(seed: int) -> None:
    view = random_view(ONE, (320, 320), np.random.default_rng(seed))
    for points in view.points:
        turn = np.arctan2(*(points[1] - points[0])[::-1])
        if abs(turn) < 0.5:  # left and right are undefined for large rotations
            assert points[0, 0] < points[1, 0]
            assert points[3, 0] < points[4, 0]


@pytest.mark.parametrize("turn_deg", [0, 30, 45, 90])
def test_boxes_of_turned_heads_are_those_of_an_ellipse(turn_deg: float) -> None:
    cos, sin = np.cos(np.deg2rad(turn_deg)), np.sin(np.deg2rad(turn_deg))
    linear = np.array([[cos, -sin], [sin, cos]])
    centre = np.array([130.0, 95.0])
    matrix = np.concatenate([linear, (160 - linear @ centre)[:, None]], axis=1)
    view = transformed_view(ONE, (320, 320), matrix, False, np.random.default_rng(0))
    around = np.linspace(0, 2 * np.pi, 720)
    ellipse = np.stack([30 * np.cos(around), 35 * np.sin(around)], axis=1) @ linear.T + 160
    expected = [*ellipse.min(axis=0), *ellipse.max(axis=0)]
    np.testing.assert_allclose(view.xyxy[0], expected, atol=0.1)


def test_mosaic_contains_faces_of_four_examples() -> None:
    rng = np.random.default_rng(1)
    view = mosaic([example((40, 40, 200, 200)) for _ in range(4)], 320, rng)
    quarters = {(x0 + x1 > 320, y0 + y1 > 320) for x0, y0, x1, y1 in view.xyxy}
    assert len(quarters) == 4


def test_faces_cut_off_by_the_border_are_ignored() -> None:
    identity = np.array([[1.0, 0, -130], [0, 1, 0]])
    view = transformed_view(ONE, (160, 160), identity, False, np.random.default_rng(0))
    assert len(view.xyxy) == 1  # still half visible, so not background
    assert view.valid.tolist() == [True]
    further = np.array([[1.0, 0, -140], [0, 1, 0]])
    view = transformed_view(ONE, (160, 160), further, False, np.random.default_rng(0))
    assert view.valid.tolist() == [False]


def test_augmentation_keeps_the_size_of_the_picture() -> None:
    rng = np.random.default_rng(0)
    always = ViewAugment(**{field.name: 1.0 for field in fields(ViewAugment)})
    for source in (ONE, example()):
        view = random_view(source, (320, 320), rng)
        assert augment_view(view, ONE.picture, always, rng).shape == (320, 320, 3)
    assert len(view.xyxy) == 0


def test_faces_of_all_sizes_have_positive_cells() -> None:
    sides = (10, 25, 40, 80, 150, 300)
    for side in sides:
        box = np.array([[5, 5, 5 + side, 5 + side]], np.float32)
        rows = targets(box, np.array([True]), np.full((1, 5, 2), np.nan, np.float32), 320)
        found = rows[rows[:, 0] == FACE]
        assert len(found) >= 1
        assert (found[:, 1:5] == box).all()
        assert (found[:, 15] == 0).all()  # unknown points


def test_cells_on_invalid_boxes_are_ignored() -> None:
    box = np.array([[64, 64, 128, 128]], np.float32)
    points = np.full((1, 5, 2), np.nan, np.float32)
    rows = targets(box, np.array([False]), points, 320)
    assert not (rows[:, 0] == FACE).any()
    assert (rows[:, 0] == IGNORE).sum() == 64 + 16 + 4
    assert (targets(box[:0], np.zeros(0, bool), points[:0], 320)[:, 0] == BACKGROUND).all()


def test_smaller_of_two_overlapping_faces_keeps_its_cells() -> None:
    boxes = np.array([[100, 100, 140, 140], [110, 110, 130, 130]], np.float32)
    known = np.ones((2, 5, 2), np.float32)
    rows = targets(boxes, np.ones(2, bool), known, 320)
    owners = rows[rows[:, 0] == FACE][:, 1]
    assert (owners == 110).any()
    assert pytest.approx(1) == rows[rows[:, 0] == FACE][0, 15]
