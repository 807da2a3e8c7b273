"""Cuts are distinguished from changing light and moving heads."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.arrays import Frame
from realtime.track.cuts import CutDetector


def cuts(*frames: Frame) -> list[bool]:
    is_cut = CutDetector()
    return [is_cut(frame) for frame in frames]


def test_another_picture_is_a_cut_and_the_same_one_is_not(astronaut: Frame, hopper: Frame) -> None:
    assert cuts(astronaut, astronaut, hopper, hopper) == [False, False, True, False]


def test_light_and_motion_are_no_cut(astronaut: Frame) -> None:
    dark = np.asarray(astronaut * 0.5, np.uint8)
    shift = np.array([[1, 0, 30], [0, 1, 10]], np.float32)
    moved = cv2.warpAffine(astronaut, shift, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    assert cuts(astronaut, dark, astronaut, np.asarray(moved, np.uint8)) == [False] * 4


def test_a_black_picture_is_a_cut(astronaut: Frame) -> None:
    assert cuts(astronaut, np.zeros_like(astronaut)) == [False, True]


def test_pictures_of_any_size_can_be_compared(astronaut: Frame) -> None:
    tiny = np.asarray(cv2.resize(astronaut, (64, 64), interpolation=cv2.INTER_AREA), np.uint8)
    assert cuts(astronaut, tiny, astronaut[:1, :1], astronaut)[:2] == [False, False]
