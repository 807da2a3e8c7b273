"""The live track while the browser draws: results instead of frames, and back."""

from __future__ import annotations

import asyncio
import json
import struct
from dataclasses import replace
from typing import Any

import pytest

from realtime.core.settings import DrawSettings, Hiding
from realtime.live import analysis_thread
from realtime.live.browser_drawing import MIN_INTERVAL_S
from realtime.live.frame_processor import StreamSettings
from realtime.live.recorder import Recorder
from realtime.live.result_channel import HEAD, ResultReader
from tests.live.rig import WAIT_S, Rig, run, until
from tests.live.stubs import FACE, number_of

OVERLAY = StreamSettings(overlay=True)


async def next_result(rig: Rig, reader: ResultReader) -> tuple[int, dict[str, Any]]:
    """Send a frame when one is due; return the number of the next result and its header."""
    await asyncio.sleep(MIN_INTERVAL_S)
    rig.camera.send()
    message = await asyncio.wait_for(reader.next(), WAIT_S)
    assert message is not None
    number, age_ms, _ = HEAD.unpack_from(message)
    assert 0 <= age_ms < WAIT_S * 1e3
    reader.acknowledge(number)
    (length,) = struct.unpack_from("<I", message, HEAD.size)
    start = HEAD.size + 4
    return number, json.loads(message[start : start + length])


def test_the_browser_gets_results_and_no_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    converted: list[object] = []
    from_pixels = analysis_thread.from_pixels
    monkeypatch.setattr(
        analysis_thread, "from_pixels", lambda p: (converted.append(p), from_pixels(p))[1]
    )

    async def scenario() -> None:
        rig = Rig(OVERLAY)
        reader = rig.track.browser_drawing.channel.open()
        receiving = asyncio.create_task(rig.track.recv())
        for expected in range(5):
            number, header = await next_result(rig, reader)
            assert number == expected
            assert header["size"] == [64, 48]
            assert [face["box"] for face in header["faces"]] == FACE.xyxy.tolist()
        assert not receiving.done()
        assert converted == []  # nothing is converted back, let alone encoded
        assert rig.track.stats().fps > 0
        await until(lambda: len(rig.track.table) == 5)
        rig.track.stop()
        await asyncio.wait([receiving])
        assert receiving.exception() is not None
        assert await reader.next() is None  # the channel ends with the stream

    run(scenario())


def test_the_server_draws_until_there_is_a_reader_and_when_it_has_gone() -> None:
    async def scenario() -> None:
        rig = Rig(OVERLAY)
        assert number_of(await rig.send_and_receive()) == 0
        channel = rig.track.browser_drawing.channel
        reader = channel.open()
        await next_result(rig, reader)
        channel.release(reader)
        assert number_of(await rig.send_and_receive()) == 2
        rig.track.stop()

    run(scenario())


def test_every_second_frame_is_analysed_and_none_counts_as_dropped() -> None:
    async def scenario() -> None:
        now_s = [0.0]
        rig = Rig(OVERLAY, clock=lambda: now_s[0])
        reader = rig.track.browser_drawing.channel.open()
        numbers = []
        for n in range(12):
            now_s[0] = n / 30
            rig.camera.send()
            await until(lambda n=n: rig.track.elapsed_s == n / 30)
            if n % 2 == 0:
                message = await asyncio.wait_for(reader.next(), WAIT_S)
                numbers.append(HEAD.unpack_from(message or b"")[0])
                reader.acknowledge(numbers[-1])
        assert numbers == [0, 2, 4, 6, 8, 10]
        assert len(rig.analyser.analysed_with) == 6
        assert rig.track.stats().dropped == 0
        rig.track.stop()

    run(scenario())


def test_hidden_faces_are_drawn_on_the_server() -> None:
    async def scenario() -> None:
        rig = Rig(OVERLAY)
        reader = rig.track.browser_drawing.channel.open()
        await next_result(rig, reader)
        hidden = DrawSettings(boxes=False, labels=False, hiding=Hiding.PIXELATE)
        rig.track.settings = replace(OVERLAY, draw=hidden)
        _, header = await next_result(rig, reader)
        assert header == {}  # the page is told to show the server's picture, and no faces
        frame = await rig.receive()
        assert rig.analyser.hidden == 1
        assert frame.to_ndarray(format="gray")[12:36, 14:36].max() < 40
        rig.track.settings = OVERLAY
        _, header = await next_result(rig, reader)
        assert len(header["faces"]) == 1
        rig.track.stop()

    run(scenario())


def test_a_frame_whose_analysis_fails_is_shown_without_faces() -> None:
    async def scenario() -> None:
        rig = Rig(OVERLAY)
        reader = rig.track.browser_drawing.channel.open()
        await next_result(rig, reader)
        rig.analyser.error = RuntimeError("broken")
        _, header = await next_result(rig, reader)
        assert (header["size"], header["faces"]) == ([64, 48], [])
        rig.track.stop()

    run(scenario())


def test_recordings_and_snapshots_are_drawn_on_the_server_only_then() -> None:
    async def scenario() -> None:
        rig = Rig(OVERLAY)
        reader = rig.track.browser_drawing.channel.open()
        receiving = asyncio.create_task(rig.track.recv())
        recorder = Recorder()
        rig.track.attach_recorder(recorder)
        for _ in range(5):
            await next_result(rig, reader)
        await until(lambda: recorder.elapsed_s > 0)
        recorder.stop()
        await asyncio.to_thread(recorder.wait, WAIT_S)
        assert recorder.mp4 is not None
        asking = asyncio.create_task(
            asyncio.to_thread(rig.track.snapshots.request, timeout_s=WAIT_S)
        )
        await until(lambda: rig.track.snapshots.pending)
        await next_result(rig, reader)
        snapshot = await asking
        assert snapshot is not None
        assert (snapshot.annotated_bgr != snapshot.clean_bgr).any()
        assert not receiving.done()  # none of it went to the browser
        rig.track.stop()
        await asyncio.wait([receiving])
        assert receiving.exception() is not None

    run(scenario())
