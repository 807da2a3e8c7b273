"""Live streams that share networks give the answers that a pipeline of their own would give."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.moving_faces import moving_frames
from realtime.core.arrays import Frame
from realtime.core.faces import FrameResult
from realtime.core.settings import AnalysisSettings, DrawSettings, Hiding
from realtime.engine.networks import Networks
from realtime.engine.networks_pool import NetworksPool
from realtime.engine.pace import Pace
from realtime.engine.pipeline import Pipeline
from realtime.live.frame_processor import StreamSettings
from realtime.live.pipeline_analyser import PipelineAnalyser

FRAMES, STREAMS = 24, 4


def test_streams_in_parallel_on_two_networks_get_the_direct_answers(networks: Networks) -> None:
    clips = [moving_frames(1 + i % 2, (320, 240), count=FRAMES) for i in range(STREAMS)]
    pool, settings = NetworksPool(2), AnalysisSettings()

    def analyse(clip: list[Frame]) -> list[FrameResult]:
        analyser = PipelineAnalyser(settings, pool, Pace())
        results = [analyser.analyse(frame, n / 30, settings) for n, frame in enumerate(clip)]
        analyser.close()
        return results

    with ThreadPoolExecutor(STREAMS) as threads:
        shared = list(threads.map(analyse, clips))
    for clip, results in zip(clips, shared, strict=True):
        direct = Pipeline(networks, settings)
        for n, (frame, result) in enumerate(zip(clip, results, strict=True)):
            expected = direct.process(frame, n / 30)
            np.testing.assert_array_equal(result.faces.xyxy, expected.faces.xyxy)
            np.testing.assert_array_equal(result.faces.track_id, expected.faces.track_id)
        assert len(results[-1].faces) > 0


def test_a_slow_stream_detects_on_few_of_its_frames(networks: Networks) -> None:
    settings, pace = AnalysisSettings(), Pace()
    pace.interval_s = 0.2
    analyser = PipelineAnalyser(settings, NetworksPool(1, lambda: networks), pace)
    frame = moving_frames(1, (320, 240), count=1)[0]
    results = [analyser.analyse(frame, 0.2 * n, settings) for n in range(12)]
    assert len(results[-1].faces) == 1
    detected = ["detect" in result.timings_ms for result in results[-8:]]
    assert sum(detected) == 2


def test_faces_are_hidden_on_borrowed_networks(networks: Networks) -> None:
    settings = StreamSettings(draw=DrawSettings(hiding=Hiding.PIXELATE))
    analyser = PipelineAnalyser(settings.analysis, NetworksPool(1, lambda: networks), Pace())
    frame = moving_frames(1, (320, 240), count=1)[0]
    result = analyser.analyse(frame, 0.0, settings.analysis)
    hidden = frame.copy()
    analyser.hide(hidden, result, settings)
    assert (hidden != frame).any()
