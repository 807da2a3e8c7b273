"""What happens to each picture of a live stream: analysis, then drawing, never an exception."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import cv2

from realtime.core.faces import Faces, Frame, FrameResult
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.engine.privacy import FaceHider
from realtime.render.draw import StreamStats, draw_result

LOGGER = logging.getLogger(__name__)
PLAIN_PROBLEM = "This frame could not be analysed; the stream goes on."
LOGGED_FAULTS = 10  # a fault on every frame must not fill the disk


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """All that a viewer can change in mid-stream.

    Attributes:
        analysis: how faces are found.
        draw: what is shown.
        mirror: whether the picture is flipped, as in a mirror, before anything else.
    """

    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    draw: DrawSettings = field(default_factory=DrawSettings)
    mirror: bool = True


class Analyser(Protocol):
    """Finds faces in one stream and hides them; used by one thread at a time."""

    def analyse(self, frame_bgr: Frame, now_s: float, settings: AnalysisSettings) -> FrameResult:
        """The faces of the next frame."""
        ...

    def hide(self, frame_bgr: Frame, result: FrameResult, settings: StreamSettings) -> None:
        """Make all faces of that frame unrecognisable, in place."""
        ...


class PipelineAnalyser:
    """The pipeline with networks of its own, warm from the start.

    Raises:
        models.ModelError: a network is missing or damaged.
        FileNotFoundError: mediapipe's networks are missing.
    """

    def __init__(self, settings: AnalysisSettings) -> None:
        networks = Networks(threads=1)
        networks.warm_up(settings)
        self._pipeline = Pipeline(networks, settings)
        self._hider = FaceHider(networks)

    def analyse(self, frame_bgr: Frame, now_s: float, settings: AnalysisSettings) -> FrameResult:
        """The faces of the next frame."""
        self._pipeline.settings = settings
        return self._pipeline.process(frame_bgr, now_s)

    def hide(self, frame_bgr: Frame, result: FrameResult, settings: StreamSettings) -> None:
        """Make all faces of that frame unrecognisable, in place."""
        if settings.draw.hiding is not None:
            self._hider.apply(frame_bgr, result, settings.analysis, settings.draw.hiding)


class FrameWorker:
    """Takes pictures one by one, in the stream's own thread.

    Args:
        make_analyser: called by `prepare`, so that loading networks holds up nobody else.
    """

    def __init__(self, make_analyser: Callable[[AnalysisSettings], Analyser]) -> None:
        self._make_analyser = make_analyser
        self._analyser: Analyser | None = None
        self._clean: Frame | None = None
        self.result: FrameResult | None = None
        self.problem: str | None = None
        self.faults = 0

    def prepare(self, settings: StreamSettings) -> None:
        """Load the networks; where that fails, `problem` says why and frames pass unanalysed."""
        try:
            self._analyser = self._make_analyser(settings.analysis)
        except Exception as error:
            LOGGER.exception("The networks could not be loaded")
            self.faults += 1
            self.problem = f"Faces cannot be analysed: {error}"

    def run(
        self,
        frame_bgr: Frame,
        now_s: float,
        settings: StreamSettings,
        stats: StreamStats,
        *,
        keep_clean: bool = False,
    ) -> FrameResult | None:
        """Analyse a frame and draw on it; with `keep_clean`, `take_clean` has it as it was before.

        Returns:
            The analysis; None where it failed. Then the frame is left plain, or wholly unreadable
            if faces are to be hidden.
        """
        if self._analyser is None:
            if settings.draw.hiding:
                obscure(frame_bgr)
            self._keep(frame_bgr, keep_clean)
            return None
        original = None if settings.draw.hiding else frame_bgr.copy()
        try:
            result = self._analyser.analyse(frame_bgr, now_s, settings.analysis)
            if settings.draw.hiding:
                self._analyser.hide(frame_bgr, result, settings)
            self._keep(frame_bgr, keep_clean)
            draw(frame_bgr, result.faces, settings.draw, stats)
        except Exception:
            self._note_fault()
            if original is None:
                obscure(frame_bgr)
            else:
                frame_bgr[:] = original  # it may be drawn on in part
            self._keep(frame_bgr, keep_clean)
            return None
        self.problem = None
        self.result = result
        return result

    def take_clean(self) -> Frame:
        """The frame that was kept, without drawings; its faces hidden if they were to be. Once.

        Raises:
            LookupError: none was kept.
        """
        clean, self._clean = self._clean, None
        if clean is None:
            raise LookupError("no frame was kept")
        return clean

    def close(self) -> None:
        """Let the networks go."""
        self._analyser = None

    def _keep(self, frame_bgr: Frame, wanted: bool) -> None:
        if wanted:
            self._clean = frame_bgr.copy()

    def _note_fault(self) -> None:
        self.result = None
        self.faults += 1
        self.problem = PLAIN_PROBLEM
        if self.faults < LOGGED_FAULTS:
            LOGGER.exception("A frame could not be analysed")


def draw(frame_bgr: Frame, faces: Faces, settings: DrawSettings, stats: StreamStats) -> None:
    """Draw on a frame whose faces, if they are to be hidden, are so already."""
    draw_result(frame_bgr, faces, replace(settings, hiding=None), stats)


def obscure(frame_bgr: Frame) -> None:
    """Leave nothing in the picture but a few blots: nobody can be recognised."""
    height, width = frame_bgr.shape[:2]
    blots = cv2.resize(frame_bgr, (8, 6), interpolation=cv2.INTER_AREA)
    frame_bgr[:] = cv2.resize(blots, (width, height), interpolation=cv2.INTER_LINEAR)
