"""Processing of one frame of a live stream: analysis, then drawing, without exceptions.

Runs where the networks are: in a worker process, see `realtime.live.worker_processor`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import cv2

from realtime.core.faces import Faces, Frame, FrameResult
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.media.pixels import (
    Mask,
    Pixels,
    bgr_to_pixels,
    changed,
    is_planes,
    pixels_to_bgr,
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameJob:
    """What is to be done with a frame.

    Attributes:
        now_s: arrival time of the frame on the stream's clock.
        settings: the current settings.
        stats: statistics to draw.
        annotate: whether to draw; faces are hidden in any case.
        keep_clean: whether to keep a copy without drawings.
        interval_s: mean time between two analyses of the stream; 0: every frame is analysed.
    """

    now_s: float
    settings: StreamSettings
    stats: StreamStats
    annotate: bool = True
    keep_clean: bool = False
    interval_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ProcessedFrame:
    """A frame after its analysis.

    Attributes:
        result: the analysis; None if it failed.
        picture: the pixels with drawings, if they were asked for, and with hidden faces, if hiding
            is on. Completely obscured if the analysis failed while faces are to be hidden, and None
            if they are to be sent as they are.
        changed: where drawing has changed the picture; None if nothing was drawn or faces are
            hidden.
        clean: the pixels without drawings, if they were asked for and faces are hidden; otherwise
            they are the frame itself.
        cpu_s: CPU time that other processes took.
    """

    result: FrameResult | None
    picture: Pixels | None = None
    changed: Mask | None = None
    clean: Pixels | None = None
    cpu_s: float = 0.0


class Processor(Protocol):
    """Analyses and annotates frames one by one, in the stream's thread.

    Attributes:
        result: the latest analysis; None before the first and after a failed one.
        problem: a message for the viewer; None if all is well.
        faults: number of failures, of loading, of an analysis or of what follows it.
        faults_in_a_row: number of frames that failed since the last that did not.
    """

    result: FrameResult | None
    problem: str | None
    faults: int
    faults_in_a_row: int

    def prepare(self, settings: StreamSettings) -> None:
        """Load the networks; if that fails, set `problem` and pass frames on unanalysed."""
        ...

    def process(self, pixels: Pixels, job: FrameJob) -> ProcessedFrame:
        """Analyse a frame and draw on a copy of it.

        Args:
            pixels: of the frame, see `realtime.media.pixels`.
            job: what is to be done with it.
        """
        ...

    def record_fault(self) -> None:
        """Count and log the exception being handled; the latest result is no longer valid."""
        ...

    def close(self) -> None:
        """Release the networks."""
        ...


class ProcessorState:
    """The attributes of a `Processor`, and the count of its faults."""

    def __init__(self) -> None:
        self.result: FrameResult | None = None
        self.problem: str | None = None
        self.faults = 0
        self.faults_in_a_row = 0

    def record_fault(self) -> None:
        """Count and log the exception being handled; the latest result is no longer valid."""
        self.result = None
        self.faults += 1
        self.faults_in_a_row += 1
        self.problem = ANALYSIS_FAILED
        if self.faults < MAX_LOGGED_FAULTS:
            LOGGER.exception("A frame could not be analysed")

    def record_not_loaded(self, error: BaseException | str) -> None:
        """Say why the networks could not be loaded."""
        self.faults += 1
        self.problem = f"Faces cannot be analysed: {error}"


class FrameProcessor(ProcessorState):
    """Processes frames with an analyser in this process; implements `Processor`.

    Args:
        make_analyser: creates the analyser; called by `prepare`.
    """

    def __init__(self, make_analyser: Callable[[AnalysisSettings], Analyser]) -> None:
        super().__init__()
        self._make_analyser = make_analyser
        self._analyser: Analyser | None = None

    def prepare(self, settings: StreamSettings) -> None:
        """Load the networks; if that fails, set `problem` and pass frames on unanalysed."""
        try:
            self._analyser = self._make_analyser(settings.analysis)
        except Exception as error:
            LOGGER.exception("The networks could not be loaded")
            self.record_not_loaded(error)

    def process(self, pixels: Pixels, job: FrameJob) -> ProcessedFrame:
        """Analyse a frame and draw on a copy of it; see `Processor.process`."""
        if self._analyser is None:
            return failed_frame(pixels, job)
        try:
            processed = self._process(self._analyser, pixels, job)
        except Exception:
            self.record_fault()
            return failed_frame(pixels, job)
        self.problem = None
        self.result = processed.result
        return processed

    @staticmethod
    def _process(analyser: Analyser, pixels: Pixels, job: FrameJob) -> ProcessedFrame:
        settings, planes = job.settings, is_planes(pixels)
        picture = pixels_to_bgr(pixels)
        result = analyser.analyse(picture, job.now_s, settings.analysis)
        if settings.draw.hiding is None:
            if not job.annotate:
                return ProcessedFrame(result=result)
            bare = picture.copy()
            draw(picture, result.faces, settings.draw, job.stats)
            mask = changed(bare, picture, planes=planes)
            drawn = bgr_to_pixels(picture, planes=planes)
            return ProcessedFrame(result=result, picture=drawn, changed=mask)
        analyser.hide(picture, result, settings)
        clean = bgr_to_pixels(picture, planes=planes).copy() if job.keep_clean else None
        if job.annotate:
            draw(picture, result.faces, settings.draw, job.stats)
        hidden = bgr_to_pixels(picture, planes=planes)
        return ProcessedFrame(result=result, picture=hidden, clean=clean)

    def close(self) -> None:
        """Release the networks."""
        analyser, self._analyser = self._analyser, None
        if analyser is not None:
            analyser.close()


def failed_frame(pixels: Pixels, job: FrameJob) -> ProcessedFrame:
    """What becomes of a frame without an analysis: nobody is recognised where faces are hidden."""
    if job.settings.draw.hiding is None:
        return ProcessedFrame(result=None)
    picture = pixels_to_bgr(pixels)
    obscure(picture)
    obscured = bgr_to_pixels(picture, planes=is_planes(pixels))
    return ProcessedFrame(result=None, picture=obscured, clean=obscured)


def draw(frame_bgr: Frame, faces: Faces, settings: DrawSettings, stats: StreamStats) -> None:
    """Draw on a frame, in place; its faces are already hidden if hiding is on."""
    draw_result(frame_bgr, faces, replace(settings, hiding=None), stats)


def obscure(frame_bgr: Frame) -> None:
    """Blur the whole frame beyond recognition, in place."""
    height, width = frame_bgr.shape[:2]
    coarse = cv2.resize(frame_bgr, _OBSCURED_WH, interpolation=cv2.INTER_AREA)
    frame_bgr[:] = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
