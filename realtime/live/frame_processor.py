"""Processing of one frame of a live stream: analysis, then drawing, without exceptions."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import cv2

from realtime.core.faces import Faces, Frame, FrameResult
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.render.draw import StreamStats, draw_result

LOGGER = logging.getLogger(__name__)
ANALYSIS_FAILED = "This frame could not be analysed. The stream continues."
MAX_LOGGED_FAULTS = 10  # a fault on every frame must not fill the disk
_OBSCURED_WH = (8, 6)


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """Settings that can change while the stream runs.

    Attributes:
        analysis: how faces are detected and classified.
        draw: what is drawn.
        mirror: whether the picture is flipped left to right before anything else.
        overlay: whether the browser draws on its own picture, as far as it can; the server then
            sends results instead of frames.
    """

    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    draw: DrawSettings = field(default_factory=DrawSettings)
    mirror: bool = True
    overlay: bool = False


class Analyser(Protocol):
    """Detects and hides the faces of one stream; used by one thread at a time."""

    def analyse(self, frame_bgr: Frame, now_s: float, settings: AnalysisSettings) -> FrameResult:
        """Detect and classify the faces of the next frame.

        Args:
            frame_bgr: (h, w, 3) uint8.
            now_s: arrival time of the frame on the stream's clock.
            settings: the current settings.
        """
        ...

    def hide(self, frame_bgr: Frame, result: FrameResult, settings: StreamSettings) -> None:
        """Make all faces of that frame unrecognisable, in place."""
        ...

    def close(self) -> None:
        """Release what it uses; called once, after its last frame."""
        ...


class FrameProcessor:
    """Analyses and annotates frames one by one, in the stream's thread.

    Args:
        make_analyser: creates the analyser; called by `prepare`.

    Attributes:
        result: the latest analysis; None before the first and after a failed one.
        problem: a message for the viewer; None if all is well.
        faults: number of failures, of loading, of an analysis or of what follows it.
        faults_in_a_row: number of frames that failed since the last that did not.
    """

    def __init__(self, make_analyser: Callable[[AnalysisSettings], Analyser]) -> None:
        self._make_analyser = make_analyser
        self._analyser: Analyser | None = None
        self._clean: Frame | None = None
        self.result: FrameResult | None = None
        self.problem: str | None = None
        self.faults = 0
        self.faults_in_a_row = 0

    def prepare(self, settings: StreamSettings) -> None:
        """Load the networks; if that fails, set `problem` and pass frames on unanalysed."""
        try:
            self._analyser = self._make_analyser(settings.analysis)
        except Exception as error:
            LOGGER.exception("The networks could not be loaded")
            self.faults += 1
            self.problem = f"Faces cannot be analysed: {error}"

    def process(
        self,
        frame_bgr: Frame,
        now_s: float,
        settings: StreamSettings,
        stats: StreamStats,
        *,
        keep_clean: bool = False,
        annotate: bool = True,
    ) -> FrameResult | None:
        """Analyse a frame and draw on it, in place.

        Args:
            frame_bgr: (h, w, 3) uint8.
            now_s: arrival time of the frame on the stream's clock.
            settings: the current settings.
            stats: statistics to draw.
            keep_clean: whether to keep a copy without drawings for `take_clean`.
            annotate: whether to draw; faces are hidden in any case.

        Returns:
            The analysis; None if it failed. The frame is then left as it was, or completely
            obscured if faces are to be hidden.
        """
        if self._analyser is None:
            if settings.draw.hiding:
                obscure(frame_bgr)
            self._store_clean(frame_bgr, keep_clean)
            return None
        original = frame_bgr.copy() if annotate and not settings.draw.hiding else None
        try:
            result = self._analyser.analyse(frame_bgr, now_s, settings.analysis)
            if settings.draw.hiding:
                self._analyser.hide(frame_bgr, result, settings)
            self._store_clean(frame_bgr, keep_clean)
            if annotate:
                draw(frame_bgr, result.faces, settings.draw, stats)
        except Exception:
            self.record_fault()
            if settings.draw.hiding:
                obscure(frame_bgr)
            elif original is not None:
                frame_bgr[:] = original  # drawing may have been interrupted
            self._store_clean(frame_bgr, keep_clean)
            return None
        self.problem = None
        self.result = result
        return result

    def take_clean(self) -> Frame:
        """Return and release the copy without drawings; faces are hidden if hiding was on.

        Raises:
            LookupError: no copy was kept.
        """
        clean, self._clean = self._clean, None
        if clean is None:
            raise LookupError("no frame was kept")
        return clean

    def close(self) -> None:
        """Release the networks."""
        analyser, self._analyser = self._analyser, None
        if analyser is not None:
            analyser.close()

    def _store_clean(self, frame_bgr: Frame, keep: bool) -> None:
        if keep:
            self._clean = frame_bgr.copy()

    def record_fault(self) -> None:
        """Count and log the exception being handled; the latest result is no longer valid."""
        self.result = None
        self.faults += 1
        self.faults_in_a_row += 1
        self.problem = ANALYSIS_FAILED
        if self.faults < MAX_LOGGED_FAULTS:
            LOGGER.exception("A frame could not be analysed")


def draw(frame_bgr: Frame, faces: Faces, settings: DrawSettings, stats: StreamStats) -> None:
    """Draw on a frame, in place; its faces are already hidden if hiding is on."""
    draw_result(frame_bgr, faces, replace(settings, hiding=None), stats)


def obscure(frame_bgr: Frame) -> None:
    """Blur the whole frame beyond recognition, in place."""
    height, width = frame_bgr.shape[:2]
    coarse = cv2.resize(frame_bgr, _OBSCURED_WH, interpolation=cv2.INTER_AREA)
    frame_bgr[:] = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
