"""Painted masks cover the right parts of a face and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from training.crops import JAW, OUTLINE, Cropper, CropSpec
from training.paint_mask import Wear, paint_mask

SIDE = 96
EYES = slice(0, int(0.36 * SIDE))  # rows of the brows and eyes in an upright crop
NOSE, TIP, LIPS = (OUTLINE.index(i) for i in (195, 1, 13))
CHIN = JAW.index(152)


@pytest.fixture(scope="module", params=[False, True], ids=["colour", "gray"])
def face(request: pytest.FixtureRequest) -> tuple[NDArray[np.uint8], F32]:
    """The crop of an unmasked face, and its outline."""
    from skimage import data

    picture: Frame = np.ascontiguousarray(data.astronaut()[..., ::-1])
    box = np.array([[165, 60, 285, 210]], np.float32)
    cut = Cropper(CropSpec(SIDE, 1 / 1.2, request.param))(picture, box)
    return cut["crops"][0], cut["outline"][0]


def covered(face: tuple[NDArray[np.uint8], F32], wear: Wear, seed: int) -> NDArray[np.bool_]:
    """Which pixels changed."""
    crop, outline = face
    painted = paint_mask(crop, outline, wear, np.random.default_rng(seed))
    assert painted.shape == crop.shape
    assert painted.dtype == np.uint8
    return (np.abs(painted.astype(int) - crop) > 6).any(axis=2)


def share_about(changed: NDArray[np.bool_], point: F32, reach: int = 3) -> float:
    x, y = (round(float(v)) for v in point)
    return float(changed[y - reach : y + reach + 1, x - reach : x + reach + 1].mean())


def mean_share(face: tuple[NDArray[np.uint8], F32], wear: Wear, point: int) -> float:
    shares = [share_about(covered(face, wear, seed), face[1][point]) for seed in range(12)]
    return float(np.mean(shares))


@pytest.mark.parametrize("wear", list(Wear))
def test_eyes_stay_visible(face: tuple[NDArray[np.uint8], F32], wear: Wear) -> None:
    for seed in range(12):
        assert covered(face, wear, seed)[EYES].mean() < 0.02


def test_worn_mask_covers_nose_and_mouth(face: tuple[NDArray[np.uint8], F32]) -> None:
    assert mean_share(face, Wear.WORN, TIP) > 0.7
    assert mean_share(face, Wear.WORN, LIPS) > 0.7


def test_mask_below_the_nose_covers_the_mouth(face: tuple[NDArray[np.uint8], F32]) -> None:
    assert mean_share(face, Wear.BELOW_NOSE, NOSE) < 0.1
    assert mean_share(face, Wear.BELOW_NOSE, LIPS) > 0.6


def test_mask_on_the_chin_leaves_the_mouth_visible(face: tuple[NDArray[np.uint8], F32]) -> None:
    assert mean_share(face, Wear.CHIN, LIPS) < 0.25
    assert mean_share(face, Wear.CHIN, CHIN) > 0.5


def test_same_seed_paints_the_same_mask(face: tuple[NDArray[np.uint8], F32]) -> None:
    crop, outline = face
    first, again = (paint_mask(crop, outline, Wear.WORN, np.random.default_rng(3)) for _ in "ab")
    np.testing.assert_array_equal(first, again)
    other = paint_mask(crop, outline, Wear.WORN, np.random.default_rng(4))
    assert not np.array_equal(first, other)


def test_faces_outside_the_crop_raise_no_error(
    face: tuple[NDArray[np.uint8], F32],
) -> None:
    crop, outline = face
    for shift in ((-60, 0), (60, 40), (0, 90), (-500, -500)):
        paint_mask(crop, outline + np.array(shift, np.float32), Wear.WORN, np.random.default_rng(0))
