"""The analysis pipeline of one live stream, on networks that all streams share."""

from __future__ import annotations

from realtime.core.faces import Frame, FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks_pool import NetworksPool
from realtime.engine.pace import Pace
from realtime.engine.pipeline import DETECT_EVERY_S, Pipeline
from realtime.engine.privacy import FaceHider
from realtime.live.frame_processor import StreamSettings

ANALYSES_PER_DETECTION = 4  # at least: a slow stream must not run the detector on every frame


class PipelineAnalyser:
    """Implements `realtime.live.frame_processor.Analyser`.

    Args:
        settings: the first settings; what they need is loaded and warmed up.
        pool: where it borrows networks.
        pace: how often frames are analysed; with long intervals the detector runs less often.

    Raises:
        models.ModelError: a network is missing or damaged.
        FileNotFoundError: mediapipe's networks are missing.
    """

    def __init__(self, settings: AnalysisSettings, pool: NetworksPool, pace: Pace) -> None:
        pool.join(settings)
        self._pool, self._pace = pool, pace
        with pool.borrow() as networks:
            self._pipeline = Pipeline(networks, settings)
            self._hider = FaceHider(networks)

    def analyse(self, frame_bgr: Frame, now_s: float, settings: AnalysisSettings) -> FrameResult:
        """Detect and classify the faces of the next frame; see `Analyser.analyse`."""
        pipeline, spaced_s = self._pipeline, ANALYSES_PER_DETECTION * self._pace.interval_s
        pipeline.settings = settings
        pipeline.detect_every_s = max(DETECT_EVERY_S, spaced_s)
        with self._pool.borrow() as pipeline.networks:
            return pipeline.process(frame_bgr, now_s)

    def hide(self, frame_bgr: Frame, result: FrameResult, settings: StreamSettings) -> None:
        """Make all faces of that frame unrecognisable, in place."""
        if settings.draw.hiding is not None:
            with self._pool.borrow() as self._hider.networks:
                self._hider.apply(frame_bgr, result, settings.analysis, settings.draw.hiding)

    def close(self) -> None:
        """Stop using the networks."""
        self._pool.leave()
