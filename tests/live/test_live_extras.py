"""Snapshots, recordings and the face table of a live track with stub ends."""

from __future__ import annotations

import asyncio
import io
import time
from fractions import Fraction

import av
import numpy as np
import pytest
from av import AudioFrame

from realtime.live.capture import Capture
from realtime.live.frame_processor import StreamSettings
from realtime.live.recorder import CONNECTION_LOST, Recorder
from realtime.live.snapshot import Snapshot
from tests.live.rig import HIDDEN, PLAIN, WAIT_S, Rig, run, until
from tests.live.stubs import number_of


def tone(k: int) -> AudioFrame:
    """The k-th 20 ms of microphone audio."""
    frame = AudioFrame.from_ndarray(np.full((1, 1920), 9000, np.int16), layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, 960 * k, Fraction(1, 48_000)
    return frame


async def request_snapshot(rig: Rig) -> Snapshot | None:
    """Request a snapshot, then send the next frame."""
    answer = asyncio.ensure_future(asyncio.to_thread(rig.track.snapshots.request, timeout_s=WAIT_S))
    await until(lambda: rig.track.snapshots.pending)
    await rig.send_and_receive()
    return await answer


def test_the_table_has_frame_numbers_and_times_since_the_start() -> None:
    async def scenario() -> None:
        rig = Rig()
        for _ in range(4):
            await rig.send_and_receive()
        rows = rig.track.table.rows()
        assert rows["frame"].tolist() == [0, 1, 2, 3]
        assert (np.diff(rows["time_s"]) >= 0).all()
        assert rig.track.elapsed_s is not None
        assert 0 <= rows["time_s"][0] <= rows["time_s"][-1] <= rig.track.elapsed_s < WAIT_S
        rig.track.stop()
        assert len(rig.track.table) == 4  # available for download after Stop

    run(scenario())


def test_a_failed_analysis_adds_no_rows_to_the_table() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()
        rig.analyser.error = RuntimeError("simulated fault")
        await rig.send_and_receive()
        assert len(rig.track.table) == 1
        rig.track.stop()

    run(scenario())


def test_a_snapshot_is_the_next_frame_annotated_and_clean() -> None:
    async def scenario() -> None:
        rig = Rig(StreamSettings())  # boxes are drawn
        await rig.send_and_receive()
        assert not rig.track.snapshots.pending
        snapshot = await request_snapshot(rig)
        assert snapshot is not None
        assert not snapshot.hidden
        assert (snapshot.clean_bgr == snapshot.clean_bgr[0, 0]).all()  # uniformly gray, as sent
        assert (snapshot.annotated_bgr != snapshot.clean_bgr).any()
        assert not rig.track.snapshots.pending
        rig.track.stop()

    run(scenario())


@pytest.mark.parametrize("fault", [False, True])
def test_snapshots_show_no_face_while_hiding_is_on(fault: bool) -> None:
    async def scenario() -> None:
        rig = Rig(HIDDEN)
        await rig.send_and_receive()
        rig.analyser.error = RuntimeError("simulated fault") if fault else None
        snapshot = await request_snapshot(rig)
        assert snapshot is not None
        assert snapshot.hidden
        x0, y0, x1, y1 = 14, 12, 36, 36  # inside the face
        for picture in (snapshot.clean_bgr, snapshot.annotated_bgr):
            face = picture[y0:y1, x0:x1]
            assert face.std() < 2  # black if hidden, obscured if not analysed
            assert fault or face.max() == 0
        rig.track.stop()

    run(scenario())


def test_hiding_switched_on_before_a_snapshot_applies_to_it() -> None:
    async def scenario() -> None:
        rig = Rig(PLAIN)
        await rig.send_and_receive()
        rig.track.settings = HIDDEN
        snapshot = await request_snapshot(rig)
        assert snapshot is not None
        assert snapshot.hidden
        assert snapshot.clean_bgr[12:36, 14:36].max() == 0
        rig.track.stop()

    run(scenario())


def test_a_snapshot_request_without_frames_or_stream_returns_none() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()
        assert await asyncio.to_thread(rig.track.snapshots.request, timeout_s=0.05) is None
        waiting = asyncio.ensure_future(
            asyncio.to_thread(rig.track.snapshots.request, timeout_s=WAIT_S)
        )
        await until(lambda: rig.track.snapshots.pending)
        rig.track.stop()
        assert await asyncio.wait_for(waiting, WAIT_S / 2) is None

    run(scenario())


def test_sent_frames_and_sound_are_recorded_and_the_stream_continues() -> None:
    async def scenario() -> None:
        rig = Rig()
        first = await rig.send_and_receive()
        assert rig.track.last_sound_s is None
        rig.track.on_audio(tone(0))
        assert rig.track.last_sound_s is not None
        recorder = Recorder(sound=True)
        rig.track.attach_recorder(recorder)
        numbers = []
        for k in range(12):
            numbers.append(number_of(await rig.send_and_receive()))
            rig.track.on_audio(tone(k + 1))
            await asyncio.sleep(0.02)
        recorder.stop()
        assert number_of(await rig.send_and_receive()) == 13
        assert (number_of(first), numbers) == (0, list(range(1, 13)))
        assert await asyncio.to_thread(recorder.wait, WAIT_S)
        assert recorder.mp4 is not None
        with av.open(io.BytesIO(recorder.mp4)) as container:
            shown = [number_of(frame) for frame in container.decode(video=0)]
        with av.open(io.BytesIO(recorder.mp4)) as container:
            heard = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
        assert shown == numbers
        assert np.abs(heard).max() > 0.1
        assert rig.track.stats().dropped == 0
        rig.track.stop()

    run(scenario())


def test_the_end_of_the_stream_finishes_the_recording() -> None:
    async def scenario() -> None:
        rig = Rig()
        recorder = Recorder()
        rig.track.attach_recorder(recorder)
        await rig.send_and_receive()
        await rig.send_and_receive()
        rig.track.stop()
        assert await asyncio.to_thread(recorder.wait, WAIT_S)
        assert recorder.mp4 is not None
        late = Recorder()
        rig.track.attach_recorder(late)  # after the end: no thread may remain
        assert await asyncio.to_thread(late.wait, WAIT_S)

    run(scenario())


@pytest.mark.parametrize(("silent_s", "notice"), [(1.0, None), (6.0, CONNECTION_LOST)])
def test_a_recording_says_if_a_cut_ended_it(silent_s: float, notice: str | None) -> None:
    async def scenario() -> None:
        skipped_s = 0.0
        rig, recorder = Rig(clock=lambda: time.monotonic() + skipped_s), Recorder()
        rig.track.attach_recorder(recorder)
        await rig.send_and_receive()
        skipped_s = silent_s
        rig.track.stop()
        assert (rig.track.broke_off_s is not None) == (notice is not None)
        assert await asyncio.to_thread(recorder.wait, WAIT_S)
        assert recorder.mp4 is not None
        assert recorder.notice == notice

    run(scenario())


def test_hidden_faces_are_hidden_in_recordings() -> None:
    async def scenario() -> None:
        rig = Rig(HIDDEN)
        recorder = Recorder()
        rig.track.attach_recorder(recorder)
        for _ in range(3):
            await rig.send_and_receive()
        rig.track.stop()
        assert await asyncio.to_thread(recorder.wait, WAIT_S)
        assert recorder.mp4 is not None
        with av.open(io.BytesIO(recorder.mp4)) as container:
            pictures = [f.to_ndarray(format="gray") for f in container.decode(video=0)]
        assert len(pictures) == 3
        assert not recorder.shows_faces
        assert max(int(p[14:34, 16:34].max()) for p in pictures) < 60

    run(scenario())


def test_a_recording_begun_before_hiding_is_marked_as_showing_faces() -> None:
    async def scenario() -> None:
        rig, recorder = Rig(PLAIN), Recorder()
        rig.track.attach_recorder(recorder)
        await rig.send_and_receive()
        rig.track.settings = HIDDEN
        await rig.send_and_receive()
        rig.track.stop()
        assert await asyncio.to_thread(recorder.wait, WAIT_S)
        assert recorder.shows_faces

    run(scenario())


def test_two_streams_share_no_state() -> None:
    async def scenario() -> None:
        one, two = Rig(PLAIN), Rig(HIDDEN)
        await one.send_and_receive()
        await two.send_and_receive()
        await two.send_and_receive()
        assert (len(one.track.table), len(two.track.table)) == (1, 2)
        assert await request_snapshot(one) is not None
        assert not two.track.snapshots.pending
        one.track.stop()
        assert not two.track.ended
        await two.send_and_receive()
        two.track.stop()

    run(scenario())


def test_the_microphone_is_requested_only_if_sound_is_on() -> None:
    assert Capture().constraints()["audio"] is False
    assert Capture(sound=True).constraints()["audio"] is True
