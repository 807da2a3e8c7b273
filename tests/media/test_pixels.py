"""Pixels as planes or as BGR: flipping, conversion, and copying of what was drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from av import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.arrays import Frame
from realtime.media.frames import from_pixels, to_bgr, to_pixels, to_video
from realtime.media.pixels import bgr_to_pixels, changed, flip, is_planes, paste, pixels_to_bgr

EVEN = st.integers(1, 40).map(lambda half: 2 * half)


def noise(width: int, height: int, seed: int = 0) -> Frame:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@given(EVEN, EVEN)
def test_flipped_planes_are_the_planes_of_the_flipped_picture(width: int, height: int) -> None:
    planes = bgr_to_pixels(noise(width, height), planes=True)
    flipped = flip(planes)
    np.testing.assert_array_equal(pixels_to_bgr(flipped), cv2.flip(pixels_to_bgr(planes), 1))
    np.testing.assert_array_equal(flip(flipped), planes)


@pytest.mark.parametrize("size_wh", [(64, 48), (63, 47), (2, 2), (62, 50)])
def test_frames_become_pixels_and_back(size_wh: tuple[int, int]) -> None:
    frame = to_video(noise(*size_wh))
    assert (frame.width, frame.height) == size_wh
    pixels = to_pixels(frame, mirror=False)
    assert is_planes(pixels) == (size_wh != (63, 47))
    assert (from_pixels(pixels).width, from_pixels(pixels).height) == size_wh
    np.testing.assert_array_equal(
        to_bgr(from_pixels(pixels), mirror=True), to_bgr(frame, mirror=True)
    )


def test_frames_of_full_range_become_bgr() -> None:
    frame = VideoFrame.from_ndarray(np.full((72, 64), 128, np.uint8), format="yuvj420p")
    assert to_pixels(frame, mirror=True).shape == (48, 64, 3)


@given(EVEN, EVEN, st.data())
def test_a_drawing_is_copied_and_nothing_else(width: int, height: int, data: st.DataObject) -> None:
    before = noise(width, height)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    after = before.copy()
    after[y : y + 5, x : x + 3] ^= 255
    mask = changed(before, after, planes=False)
    np.testing.assert_array_equal(mask > 0, (before != after).any(axis=2))
    target = noise(width, height, seed=1)
    expected = np.where(mask[:, :, None] > 0, after, target)
    paste(after, mask, target)
    np.testing.assert_array_equal(target, expected)


def test_a_drawing_on_planes_takes_its_chroma_with_it() -> None:
    before = np.full((48, 64, 3), 90, np.uint8)
    after = before.copy()
    after[20, 30] = (0, 0, 255)  # one pixel of four that share a sample of chroma
    mask = changed(before, after, planes=True)
    assert mask.shape == (72, 64)
    assert set(np.unique(mask)) == {0, 255}
    assert np.count_nonzero(mask[:48]) == 1
    assert np.count_nonzero(mask[48:]) == 2
    target = bgr_to_pixels(np.full((48, 64, 3), 200, np.uint8), planes=True)
    paste(bgr_to_pixels(after, planes=True), mask, target)
    shown = pixels_to_bgr(target).astype(int)
    assert np.ptp(shown[20, 30]) > 40  # reddish: a quarter of the colour
    assert np.ptp(shown[0, 0]) == 0
