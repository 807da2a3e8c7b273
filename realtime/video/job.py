"""The analysis of one uploaded video in the background: its progress, its end, its result."""

from __future__ import annotations

import io
import logging
import threading
import time
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

import numpy as np
from numpy.typing import NDArray

import models
from realtime.core.faces import FrameResult
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.core.threads import give_way, name_thread
from realtime.detect import DetectorMissingError
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.engine.privacy import FaceHider
from realtime.output.tables import FaceTable
from realtime.video import TimedFrame, VideoError, VideoReader, VideoWriter, annotate
from realtime.video.best_view import BestViews
from realtime.video.upload import SIDE_PX, VideoUpload

AT_ONCE = 2  # jobs on this server; those beyond wait
THREAD_NAME = "facestream-video"
MOST_ROWS = 600_000  # ten minutes of 16 faces at 60 frames a second
ODD = "Something went wrong with this video: try another one, or reload the page."

_free = threading.Semaphore(AT_ONCE)


class State(Enum):
    """Where a job is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """How a video is analysed, and what is drawn on it."""

    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    draw: DrawSettings = field(default_factory=DrawSettings)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Attributes:
        done: frames analysed.
        total: frames there are.
        fps: frames a second so far, 0 until there is one.
    """

    done: int
    total: int
    fps: float

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.done / max(self.total, 1))

    @property
    def left_s(self) -> float | None:
        """Seconds until the end at this speed, None while nobody can tell."""
        return max(0, self.total - self.done) / self.fps if self.fps else None


@dataclass(frozen=True, slots=True, eq=False)
class VideoResult:
    """What a job gives; all of it is in memory, and goes when nobody holds it any longer.

    Attributes:
        mp4: the annotated video.
        table: every face of every frame.
        views_jpg: each face's clearest picture by its number.
        times_s: when each frame is shown.
        damaged: parts of the video that could not be decoded and are left out.
        took_s: how long the analysis took.
    """

    mp4: bytes = field(repr=False)
    table: FaceTable
    views_jpg: dict[int, bytes] = field(repr=False)
    times_s: NDArray[np.float64] = field(repr=False)
    damaged: int
    took_s: float


class _CancelledError(Exception):
    """Nobody wants the result any longer."""


class VideoJob:
    """Starts at once, or as soon as one of the others on this server ends.

    Attributes:
        settings: those it was made with.
        state: where it is; changes in the background.
        problem: a sentence, where it failed.
        result: what was found, once it is done.
    """

    def __init__(self, upload: VideoUpload, settings: VideoSettings) -> None:
        self.settings = settings
        self.state = State.WAITING
        self.problem = ""
        self.result: VideoResult | None = None
        self._upload = upload
        self._cancel = threading.Event()
        self._times_s: list[float] = []
        self._start_s = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether there is something to wait for."""
        return self.state in (State.WAITING, State.RUNNING)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        done = len(self._times_s)
        fps = done / max(time.monotonic() - self._start_s, 1e-3) if done else 0.0
        return Progress(done, self._upload.frames, fps)

    def cancel(self) -> None:
        """End it, with the next frame at the latest, and forget what there is of it."""
        self._cancel.set()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait for its end."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        name_thread(THREAD_NAME)
        give_way()  # live streams cannot wait, a file can
        while not _free.acquire(timeout=0.1):
            if self._cancel.is_set():
                self.state = State.CANCELLED
                return
        try:
            self.state = State.RUNNING
            self.result = self._analyse()
            self.state = State.DONE
        except _CancelledError:
            self.state = State.CANCELLED
        except (VideoError, DetectorMissingError, models.ModelError) as error:
            self._fail(str(error))
        except Exception:
            logging.getLogger(__name__).exception("a video could not be analysed")
            self._fail(ODD)
        finally:
            _free.release()

    def _fail(self, sentence: str) -> None:
        self.problem = sentence
        self.state = State.FAILED

    def _analyse(self) -> VideoResult:
        analysis, draw = self.settings.analysis, self.settings.draw
        networks = Networks(threads=1)  # the three steps of the work fill the cores
        networks.warm_up(analysis, faces=1)
        table, views, out = FaceTable(max_rows=MOST_ROWS), BestViews(), io.BytesIO()
        self._start_s = time.monotonic()

        def look(frame: TimedFrame, result: FrameResult) -> None:
            if self._cancel.is_set():
                raise _CancelledError
            table.add(result, frame.number)
            views.look(frame.frame_bgr, result.faces, frame.time_s)
            self._times_s.append(frame.time_s)

        source = self._upload
        with VideoReader(source.data, name=source.name, most_side_px=SIDE_PX) as reader:
            pipeline = Pipeline(networks, analysis)
            hide = None
            if draw.hiding is not None:
                hide = partial(FaceHider(networks).apply, settings=analysis, hiding=draw.hiding)
            with VideoWriter(out, rate=reader.rate, sound_of=reader) as writer:
                annotate(reader, pipeline, look, writer=writer, draw=draw, hide=hide)
        return VideoResult(
            out.getvalue(),
            table,
            views.pictures_jpg(),
            np.array(self._times_s),
            reader.damaged,
            time.monotonic() - self._start_s,
        )
