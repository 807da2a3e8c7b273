"""The analysis pipeline of one live stream."""

from __future__ import annotations

import pickle

from realtime.core.arrays import Frame
from realtime.core.faces import FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import DETECT_EVERY_S, Pipeline
from realtime.engine.privacy import FaceHider
from realtime.live.frame_processor import StreamSettings

# A slow stream must not run the detector on every frame: it takes as long as all else.
ANALYSES_PER_DETECTION = 8
MAX_DETECT_EVERY_S = 2.0  # a new face waits no longer


class PipelineAnalyser:
    """Implements `realtime.live.frame_processor.Analyser`.

    Args:
        settings: the first settings; what they need is loaded and run once.
        networks: what to run; streams that take turns may share them.
        first_track_id: number of the first face.
        state: what `state` of another instance returned; the stream goes on from there.

    Attributes:
        interval_s: mean time between two analyses; with long ones the detector runs less often.

    Raises:
        models.ModelError: a network is missing or damaged.
        FileNotFoundError: a network of MediaPipe's wheel is chosen, and missing.
    """

    def __init__(
        self,
        settings: AnalysisSettings,
        networks: Networks,
        *,
        first_track_id: int = 1,
        state: bytes | None = None,
    ) -> None:
        networks.warm_up(settings)
        self.interval_s = 0.0
        if state is None:
            self._pipeline = Pipeline(
                networks, settings, first_track_id=first_track_id, refresh_clear=False
            )
            self._hider = FaceHider(networks)
        else:
            self._pipeline, self._hider = pickle.loads(state)
            self._pipeline.networks = self._hider.networks = networks

    def analyse(self, frame_bgr: Frame, now_s: float, settings: AnalysisSettings) -> FrameResult:
        """Detect and classify the faces of the next frame; see `Analyser.analyse`."""
        pipeline = self._pipeline
        pipeline.settings = settings
        spaced_s = min(ANALYSES_PER_DETECTION * self.interval_s, MAX_DETECT_EVERY_S)
        pipeline.detect_every_s = max(DETECT_EVERY_S, spaced_s)
        return pipeline.process(frame_bgr, now_s)

    def hide(self, frame_bgr: Frame, result: FrameResult, settings: StreamSettings) -> None:
        """Make all faces of that frame unrecognisable, in place."""
        if settings.draw.hiding is not None:
            self._hider.apply(frame_bgr, result, settings.analysis, settings.draw.hiding)

    def state(self) -> bytes:
        """All that is known of the stream, without the networks."""
        networks = self._pipeline.networks
        del self._pipeline.networks, self._hider.networks
        try:
            return pickle.dumps((self._pipeline, self._hider))
        finally:
            self._pipeline.networks = self._hider.networks = networks

    def close(self) -> None:
        """Nothing to release: the networks belong to others."""
