"""The age of a result is counted from the showing of its own frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.fake_camera import encode_number
from benchmarks.frame_arrivals import ages_ms, encoded_number
from realtime.media.frames import to_video


@pytest.mark.parametrize("number", [0, 1, 359, 65535])
@pytest.mark.parametrize("size_wh", [(640, 480), (320, 240)])
def test_numbers_are_read_from_frames(number: int, size_wh: tuple[int, int]) -> None:
    frame = np.full((size_wh[1], size_wh[0], 3), 90, np.uint8)
    encode_number(frame, number)
    assert encoded_number(to_video(frame)) == number


def test_a_frame_without_a_number_is_none() -> None:
    assert encoded_number(to_video(np.zeros((48, 64, 3), np.uint8))) == -1


def test_ages_count_from_the_latest_showing_of_the_frame(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("0 7\n1 8\n2 -1\n3 7\n")
    sent = [(1000.0, 7), (1033.0, 8), (2000.0, 7)]
    drawn = [(1050.0, 0, 0.0), (1080.0, 1, 0.0), (1100.0, 2, 0.0), (2045.0, 3, 0.0), (9.0, 1, 0.0)]
    assert ages_ms(drawn, log, sent, max_ms=500) == [50.0, 47.0, 45.0]
