"""Moments are those that last, and each can be shown and saved as a clip."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from realtime.attribute.registry import EMOTION, MASK
from realtime.core.faces import Frame, FrameResult
from realtime.media.video_file import VideoError
from realtime.output.tables import FaceTable
from realtime.video.clips import GIF_SIDE_PX, clip_gif, clip_mp4, frame_at
from realtime.video.moments import MASK_OFF, MAX_OF_KIND, moments
from realtime.video.people import Table, most_at_once
from tests.builders import answers, tracked_faces
from tests.video.clips import TONE_HZ, heard, make_clip, shown

HAPPY, NEUTRAL = np.eye(7)[3], np.eye(7)[6]
MASK_ON, MASK_LESS = np.eye(3)[0], np.eye(3)[1]


def rows_of(seen: list[tuple[object, object]]) -> Table:
    """Rows of one track with these masks and emotions, at 10 frames per second."""
    table = FaceTable()
    for i, (mask, emotion) in enumerate(seen):
        faces = tracked_faces([1], mask=answers(MASK, mask), emotion=answers(EMOTION, emotion))
        table.add(FrameResult(faces, (60, 60), i / 10), i)
    return table.rows()


def test_a_mask_comes_off_and_then_a_smile() -> None:
    smiles = [(MASK_LESS, NEUTRAL)] * 6 + [(MASK_LESS, 0.9 * HAPPY + 0.1 * NEUTRAL)] * 3
    seen = [(MASK_ON, NEUTRAL)] * 6 + smiles + [(MASK_LESS, HAPPY)] * 3
    found = moments(rows_of(seen))
    assert [(m.kind, m.time_s, m.number) for m in found] == [(MASK_OFF, 0.6, 1), ("Smile", 1.5, 1)]
    assert found[0].xyxy == (0, 0, 30, 40)


def test_of_frames_that_differ_by_chance_the_first_is_shown() -> None:
    smile = [(MASK_LESS, (0.99 + 1e-5 * i) * HAPPY + (0.01 - 1e-5 * i) * NEUTRAL) for i in range(6)]
    assert [m.time_s for m in moments(rows_of(smile))] == [0.0]


def test_what_does_not_last_is_no_moment() -> None:
    brief = [(MASK_ON, NEUTRAL)] * 2 + [(MASK_LESS, HAPPY)] * 2 + [(MASK_LESS, NEUTRAL)] * 9
    assert moments(rows_of(brief)) == []
    assert moments(FaceTable().rows()) == []


def test_the_clearest_of_many_are_kept() -> None:
    smile = [(MASK_LESS, HAPPY)] * 6 + [(MASK_LESS, NEUTRAL)] * 3
    assert len(moments(rows_of(smile * (MAX_OF_KIND + 2)))) == MAX_OF_KIND


def test_most_at_once() -> None:
    table = FaceTable()
    for i, tracks in enumerate(([1], [1, 2, 3], [], [4])):
        table.add(FrameResult(tracked_faces(tracks), (60, 60), i / 10), i)
    assert most_at_once(table.rows()) == 3
    assert most_at_once(FaceTable().rows()) == 0


@pytest.fixture(scope="module")
def grays() -> bytes:
    """Two seconds that become brighter, 1280×720."""
    frames: list[Frame] = [np.full((720, 1280, 3), 10 * i, np.uint8) for i in range(20)]
    return make_clip(frames, sound=None)


def test_the_frame_at_a_time(grays: bytes) -> None:
    assert frame_at(grays, 0.0).mean() < 10
    assert frame_at(grays, 1.2).mean() == pytest.approx(120, abs=4)
    with pytest.raises(VideoError, match="cannot be read"):
        frame_at(grays, 9.0)
    with pytest.raises(VideoError, match="cannot be read"):
        frame_at(b"no video", 0.0)


def test_a_clip_as_gif(grays: bytes) -> None:
    with Image.open(io.BytesIO(clip_gif(grays, 0.5, 1.5))) as gif:
        assert gif.size == (GIF_SIDE_PX, GIF_SIDE_PX * 9 // 16)
        assert getattr(gif, "n_frames", 1) == pytest.approx(11, abs=1)
        first = np.asarray(gif.convert("L")).mean()
    assert first == pytest.approx(50, abs=6)
    with pytest.raises(VideoError, match="cannot be read"):
        clip_gif(grays, 5.0, 6.0)


def test_a_clip_as_mp4_begins_at_its_time_and_keeps_its_sound() -> None:
    frames: list[Frame] = [np.full((120, 160, 3), 10 * i, np.uint8) for i in range(20)]
    codec, size_wh, times_s, seconds = shown(clip_mp4(make_clip(frames), 0.5, 1.5))
    assert (codec, size_wh) == ("h264", (160, 120))
    assert times_s[0] == 0
    assert len(times_s) == pytest.approx(11, abs=1)
    assert seconds == pytest.approx(1.1, abs=0.15)
    clip = clip_mp4(make_clip(frames), 0.5, 1.5)
    assert frame_at(clip, 0.0).mean() == pytest.approx(50, abs=6)
    name, heard_s, loudest_hz = heard(clip)
    assert (name, loudest_hz) == ("aac", pytest.approx(TONE_HZ, abs=5))
    assert heard_s == pytest.approx(1, abs=0.15)


def test_a_clip_of_a_silent_video_and_one_past_its_end(grays: bytes) -> None:
    assert shown(clip_mp4(grays, 1.5, 9.0))[3] == pytest.approx(0.5, abs=0.15)
    for data, start_s in ((grays, 5.0), (b"no video", 0.0)):
        with pytest.raises(VideoError, match="cannot be read"):
            clip_mp4(data, start_s, start_s + 1)
