"""The pipeline of a live stream: networks that several streams share, slow streams, its state."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.moving_faces import moving_frames
from realtime.core.settings import AnalysisSettings, DrawSettings, Hiding
from realtime.engine.networks import Networks
from realtime.live.frame_processor import StreamSettings
from realtime.live.pipeline_analyser import PipelineAnalyser


@pytest.mark.parametrize(("interval_s", "detections"), [(0.2, 2), (0.5, 4)])
def test_a_slow_stream_detects_on_few_frames_but_every_two_seconds(
    networks: Networks, interval_s: float, detections: int
) -> None:
    settings = AnalysisSettings()
    analyser = PipelineAnalyser(settings, networks)
    analyser.interval_s = interval_s
    frame = moving_frames(1, (320, 240), count=1)[0]
    results = [analyser.analyse(frame, interval_s * n, settings) for n in range(24)]
    assert len(results[-1].faces) == 1
    detected = ["detect" in result.timings_ms for result in results[-16:]]
    assert sum(detected) == detections


def test_faces_are_hidden(networks: Networks) -> None:
    settings = StreamSettings(draw=DrawSettings(hiding=Hiding.PIXELATE))
    analyser = PipelineAnalyser(settings.analysis, networks)
    frame = moving_frames(1, (320, 240), count=1)[0]
    result = analyser.analyse(frame, 0.0, settings.analysis)
    hidden = frame.copy()
    analyser.hide(hidden, result, settings)
    assert (hidden != frame).any()


def test_a_stream_goes_on_from_its_state(networks: Networks) -> None:
    settings, clip = AnalysisSettings(), moving_frames(2, (320, 240), count=12)
    analysers = [PipelineAnalyser(settings, networks) for _ in range(2)]
    for n, frame in enumerate(clip):
        if n == 6:
            analysers[1] = PipelineAnalyser(settings, networks, state=analysers[1].state())
        stayed, moved = (analyser.analyse(frame, n / 30, settings) for analyser in analysers)
        np.testing.assert_array_equal(moved.faces.xyxy, stayed.faces.xyxy)
        np.testing.assert_array_equal(moved.faces.track_id, stayed.faces.track_id)
    assert len(moved.faces) == 2


def test_the_first_number_of_a_face_can_be_chosen(networks: Networks) -> None:
    settings = AnalysisSettings()
    analyser = PipelineAnalyser(settings, networks, first_track_id=7)
    for n, frame in enumerate(moving_frames(1, (320, 240), count=8)):
        faces = analyser.analyse(frame, n / 30, settings).faces
    assert faces.track_id is not None
    assert faces.track_id.tolist() == [7]
