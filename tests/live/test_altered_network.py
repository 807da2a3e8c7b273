"""A network's file is altered while the server runs."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

import models
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.live.live_track import LiveTrack
from realtime.live.pipeline_analyser import PipelineAnalyser
from tests.live.rig import PLAIN, run
from tests.live.stubs import FakeCamera

WAIT_S = 60.0


def in_this_process(settings: AnalysisSettings) -> PipelineAnalyser:
    """An analyser on networks loaded anew, as a worker loads them for its first stream."""
    return PipelineAnalyser(settings, Networks())


async def problem_of_a_stream() -> str | None:
    """What a new stream says of its networks; it goes on in any case."""
    track, camera = LiveTrack(PLAIN, make_analyser=in_this_process), FakeCamera()
    track.addTrack(camera)
    track.start()
    async with asyncio.timeout(WAIT_S):
        while not track.ready:
            await asyncio.sleep(0.05)
    camera.send()
    await track.recv()
    problem = track.problem
    track.stop()
    return problem


def test_the_next_stream_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(models.ROOT, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(models, "ROOT", tmp_path)

    async def scenario() -> None:
        assert await problem_of_a_stream() is None
        network = tmp_path / "mask" / models.NETWORK
        network.write_bytes(network.read_bytes()[:-1] + b"x")
        problem = await problem_of_a_stream()
        assert problem is not None
        assert "'mask'" in problem
        assert problem.endswith("Restore the file or export the model again.")

    run(scenario())
