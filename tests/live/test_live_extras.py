"""What a stream keeps on request: stills, recordings, its table; by a track with stub ends."""

from __future__ import annotations

import asyncio
import io
from fractions import Fraction

import av
import numpy as np
import pytest
from av import AudioFrame

from realtime.live.capture import Capture
from realtime.live.frame_processor import StreamSettings
from realtime.live.recorder import Recorder
from realtime.live.snapshot import Snapshot
from tests.live.rig import HIDDEN, PLAIN, WAIT_S, Rig, run, until
from tests.live.stubs import number_of


def tone(k: int) -> AudioFrame:
    """20 ms of a microphone."""
    frame = AudioFrame.from_ndarray(np.full((1, 1920), 9000, np.int16), layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, 960 * k, Fraction(1, 48_000)
    return frame


async def asked(rig: Rig) -> Snapshot | None:
    """What is given to somebody who asks before the next frame."""
    answer = asyncio.ensure_future(asyncio.to_thread(rig.track.snapshots.ask, timeout_s=WAIT_S))
    await until(lambda: rig.track.snapshots.wanted)
    await rig.shoot_and_show()
    return await answer


def test_each_frame_s_faces_are_noted_with_its_number_and_the_time_since_the_start() -> None:
    async def scenario() -> None:
        rig = Rig()
        for _ in range(4):
            await rig.shoot_and_show()
        rows = rig.track.table.rows()
        assert rows["frame"].tolist() == [0, 1, 2, 3]
        assert (np.diff(rows["time_s"]) >= 0).all()
        assert rig.track.elapsed_s is not None
        assert 0 <= rows["time_s"][0] <= rows["time_s"][-1] <= rig.track.elapsed_s < WAIT_S
        rig.track.stop()
        assert len(rig.track.table) == 4  # there to be downloaded after Stop

    run(scenario())


def test_a_frame_that_could_not_be_analysed_adds_nothing_to_the_table() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.shoot_and_show()
        rig.analyser.error = RuntimeError("a fault for the test")
        await rig.shoot_and_show()
        assert len(rig.track.table) == 1
        rig.track.stop()

    run(scenario())


def test_a_still_is_the_next_frame_with_and_without_drawings() -> None:
    async def scenario() -> None:
        rig = Rig(StreamSettings())  # boxes are drawn
        await rig.shoot_and_show()
        assert not rig.track.snapshots.wanted
        snapshot = await asked(rig)
        assert snapshot is not None
        assert not snapshot.hidden
        assert (snapshot.clean_bgr == snapshot.clean_bgr[0, 0]).all()  # evenly gray, as shot
        assert (snapshot.annotated_bgr != snapshot.clean_bgr).any()
        assert not rig.track.snapshots.wanted
        rig.track.stop()

    run(scenario())


@pytest.mark.parametrize("fault", [False, True])
def test_under_blur_no_still_shows_a_face(fault: bool) -> None:
    async def scenario() -> None:
        rig = Rig(HIDDEN)
        await rig.shoot_and_show()
        rig.analyser.error = RuntimeError("a fault for the test") if fault else None
        snapshot = await asked(rig)
        assert snapshot is not None
        assert snapshot.hidden
        x0, y0, x1, y1 = 14, 12, 36, 36  # within the face
        for picture in (snapshot.clean_bgr, snapshot.annotated_bgr):
            face = picture[y0:y1, x0:x1]
            assert face.std() < 2  # no detail: black where hidden, a blot where not analysed
            assert fault or face.max() == 0
        rig.track.stop()

    run(scenario())


def test_blur_switched_on_before_a_still_holds_for_it() -> None:
    async def scenario() -> None:
        rig = Rig(PLAIN)
        await rig.shoot_and_show()
        rig.track.settings = HIDDEN
        snapshot = await asked(rig)
        assert snapshot is not None
        assert snapshot.hidden
        assert snapshot.clean_bgr[12:36, 14:36].max() == 0
        rig.track.stop()

    run(scenario())


def test_no_frame_or_no_stream_gives_no_still() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.shoot_and_show()
        assert await asyncio.to_thread(rig.track.snapshots.ask, timeout_s=0.05) is None
        waiting = asyncio.ensure_future(
            asyncio.to_thread(rig.track.snapshots.ask, timeout_s=WAIT_S)
        )
        await until(lambda: rig.track.snapshots.wanted)
        rig.track.stop()
        assert await asyncio.wait_for(waiting, WAIT_S / 2) is None

    run(scenario())


def test_what_leaves_is_recorded_with_its_sound_and_the_stream_goes_on() -> None:
    async def scenario() -> None:
        rig = Rig()
        first = await rig.shoot_and_show()
        assert rig.track.last_sound_s is None
        rig.track.hear(tone(0))
        assert rig.track.last_sound_s is not None
        recorder = Recorder(sound=True)
        rig.track.record(recorder)
        numbers = []
        for k in range(12):
            numbers.append(number_of(await rig.shoot_and_show()))
            rig.track.hear(tone(k + 1))
            await asyncio.sleep(0.02)
        recorder.stop()
        assert number_of(await rig.shoot_and_show()) == 13
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


def test_the_end_of_the_stream_finishes_its_recording() -> None:
    async def scenario() -> None:
        rig = Rig()
        recorder = Recorder()
        rig.track.record(recorder)
        await rig.shoot_and_show()
        await rig.shoot_and_show()
        rig.track.stop()
        assert await asyncio.to_thread(recorder.wait, WAIT_S)
        assert recorder.mp4 is not None
        late = Recorder()
        rig.track.record(late)  # a press that came too late leaves no thread behind
        assert await asyncio.to_thread(late.wait, WAIT_S)

    run(scenario())


def test_faces_that_are_hidden_are_so_in_a_recording() -> None:
    async def scenario() -> None:
        rig = Rig(HIDDEN)
        recorder = Recorder()
        rig.track.record(recorder)
        for _ in range(3):
            await rig.shoot_and_show()
        rig.track.stop()
        assert await asyncio.to_thread(recorder.wait, WAIT_S)
        assert recorder.mp4 is not None
        with av.open(io.BytesIO(recorder.mp4)) as container:
            pictures = [f.to_ndarray(format="gray") for f in container.decode(video=0)]
        assert len(pictures) == 3
        assert not recorder.shows_faces
        assert max(int(p[14:34, 16:34].max()) for p in pictures) < 60

    run(scenario())


def test_a_recording_knows_that_it_began_before_faces_were_hidden() -> None:
    async def scenario() -> None:
        rig, recorder = Rig(PLAIN), Recorder()
        rig.track.record(recorder)
        await rig.shoot_and_show()
        rig.track.settings = HIDDEN
        await rig.shoot_and_show()
        rig.track.stop()
        assert await asyncio.to_thread(recorder.wait, WAIT_S)
        assert recorder.shows_faces

    run(scenario())


def test_two_streams_share_nothing() -> None:
    async def scenario() -> None:
        one, two = Rig(PLAIN), Rig(HIDDEN)
        await one.shoot_and_show()
        await two.shoot_and_show()
        await two.shoot_and_show()
        assert (len(one.track.table), len(two.track.table)) == (1, 2)
        assert await asked(one) is not None
        assert not two.track.snapshots.wanted
        one.track.stop()
        assert not two.track.ended
        await two.shoot_and_show()
        two.track.stop()

    run(scenario())


def test_the_microphone_is_asked_for_only_on_request() -> None:
    assert Capture().constraints()["audio"] is False
    assert Capture(sound=True).constraints()["audio"] is True
    back = Capture(facing="environment").constraints()
    assert back["video"]["facingMode"] == {"ideal": "environment"}
