"""Background analysis of an uploaded video, with progress, cancellation and result."""

from __future__ import annotations

import io
import logging
import threading
import time
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

import models
from realtime.core.faces import FrameResult
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.core.shutdown import stop_at_shutdown
from realtime.core.threads import WaitShare, lower_priority, name_thread
from realtime.detect import DetectorMissingError
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.engine.privacy import FaceHider
from realtime.media import limits
from realtime.output.tables import FaceTable
from realtime.video import TimedFrame, VideoError, VideoReader, VideoWriter, annotate
from realtime.video.best_view import BestViews
from realtime.video.progress import Progress, Stage, State
from realtime.video.upload import VideoUpload

MAX_CONCURRENT_JOBS = 2  # on this server; further jobs wait
MAX_ROWS = 600_000  # ten minutes of 16 faces at 60 frames per second
THREAD_NAME = "facestream-job"
STARVED_SHARE = 0.5  # of the time in which a job could run, spent waiting for a processor
UNEXPECTED_ERROR = "Something went wrong. Try another video or reload the page."

_slots = threading.Semaphore(MAX_CONCURRENT_JOBS)


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """How a video is analysed, and what is drawn on it."""

    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    draw: DrawSettings = field(default_factory=DrawSettings)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class VideoResult:
    """Result of a job, in memory only.

    Attributes:
        mp4: the annotated video.
        table: every face of every frame.
        views_jpg: the best picture of each face as a JPEG file, by track id.
        times_s: (n,) float64, time of each frame in seconds from the first.
        damaged: number of packets skipped because they could not be decoded.
        took_s: duration of the analysis in seconds.
        notice: a sentence for the user if a limit ended the analysis early, otherwise empty.
    """

    mp4: bytes = field(repr=False)
    table: FaceTable
    views_jpg: dict[int, bytes] = field(repr=False)
    times_s: NDArray[np.float64] = field(repr=False)
    damaged: int
    took_s: float
    notice: str = ""


class _CancelledError(Exception):
    """The job was cancelled."""


class VideoJob:
    """Runs at once, or as soon as fewer than `MAX_CONCURRENT_JOBS` others are running.

    Args:
        upload: the video.
        settings: how to analyse it.

    Attributes:
        settings: as above.
        state: current state; changes in the background.
        stage: what it is doing while it runs; changes in the background.
        problem: a message for the user if the job failed, otherwise empty.
        result: the result once the job is done.
    """

    def __init__(self, upload: VideoUpload, settings: VideoSettings) -> None:
        self.settings = settings
        self.state = State.WAITING
        self.stage = Stage.LOADING
        self.problem = ""
        self.result: VideoResult | None = None
        self._upload = upload
        self._cancel = threading.Event()
        self._times_s: list[float] = []
        self._start_s = 0.0
        self._writer: VideoWriter | None = None
        self._wait = WaitShare()
        self._thread = threading.Thread(target=self._run, name=THREAD_NAME, daemon=True)
        self._thread.start()
        stop_at_shutdown(self._thread, self.cancel)

    @property
    def running(self) -> bool:
        """Whether the job is waiting or running."""
        return self.state in (State.WAITING, State.RUNNING)

    @property
    def progress(self) -> Progress:
        """Current progress."""
        done = len(self._times_s)
        fps = done / max(time.monotonic() - self._start_s, 1e-3) if done else 0.0
        return Progress(done, self._upload.frames, fps)

    @property
    def starved(self) -> bool:
        """Whether the analysis mostly waits for a processor, because live streams come first."""
        thread = self._thread.native_id
        return self.running and thread is not None and self._wait(thread) > STARVED_SHARE

    def cancel(self) -> None:
        """Cancel the job at the next packet or frame and discard its results."""
        self._cancel.set()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait for the end of the job."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        name_thread(THREAD_NAME)
        lower_priority()  # live streams must not wait for files
        while not _slots.acquire(timeout=0.1):
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
            logging.getLogger(__name__).exception("A video could not be analysed")
            self._fail(UNEXPECTED_ERROR)
        finally:
            _slots.release()

    def _fail(self, problem: str) -> None:
        self.problem = problem
        self.state = State.FAILED

    def _analyse(self) -> VideoResult:
        analysis, draw = self.settings.analysis, self.settings.draw
        networks = Networks(threads=1)  # the three parallel stages use all cores
        networks.warm_up(analysis, faces=1)
        table, views, out = FaceTable(max_rows=MAX_ROWS), BestViews(), io.BytesIO()
        self._start_s = time.monotonic()
        self.stage = Stage.ANALYSING

        def on_frame(frame: TimedFrame, result: FrameResult) -> None:
            self._raise_if_cancelled()
            table.add(result, frame.number)
            views.update(frame.frame_bgr, result.faces, frame.time_s)
            self._times_s.append(frame.time_s)

        with VideoReader(
            self._upload.data,
            name=self._upload.name,
            max_side_px=limits.MAX_VIDEO_SIDE_PX,
            max_frames=limits.MAX_VIDEO_FRAMES,
            stopped=self._stopped,
        ) as reader:
            pipeline = Pipeline(networks, analysis)
            hide = None
            if draw.hiding is not None:
                hide = partial(FaceHider(networks).apply, settings=analysis, hiding=draw.hiding)
            with VideoWriter(out, rate=reader.rate, sound_of=reader) as writer:
                self._writer = writer
                annotate(reader, pipeline, on_frame, writer=writer, draw=draw, hide=hide)
                self.stage = Stage.FINISHING
                self._raise_if_cancelled()  # the writer then leaves out the rest of the sound
                notice = self._notice(reader)
        if not self._times_s:
            raise VideoError(f"{self._upload.name} takes too long to read. Use another copy.")
        self._raise_if_cancelled()
        return VideoResult(
            out.getvalue(),
            table,
            views.pictures(),
            np.array(self._times_s),
            reader.damaged,
            time.monotonic() - self._start_s,
            notice,
        )

    def _raise_if_cancelled(self) -> None:
        if self._cancel.is_set():
            raise _CancelledError

    def _stopped(self) -> bool:
        """Whether reading ends here, be it picture or sound."""
        return self._cancel.is_set() or bool(self._limit())

    def _limit(self) -> str:
        """The limit that has been reached, as the end of a sentence; empty if none."""
        if time.monotonic() - self._start_s > limits.MAX_VIDEO_JOB_S:
            return f"the analysis took {limits.MAX_VIDEO_JOB_S / 3600:g} hours"
        most = limits.MAX_VIDEO_OUTPUT_BYTES
        if self._writer is not None and self._writer.size_bytes > most:
            return f"the annotated video exceeds {most // 1024**2} MB"
        return ""

    def _notice(self, reader: VideoReader) -> str:
        done, upload = len(self._times_s), self._upload
        reason = f"it has more than {done:,} frames" if reader.cut else self._limit()
        if not reason or (done >= upload.frames and not reader.cut):
            return ""
        return (
            f"Only the first {done:,} frames of {upload.name} were analysed because {reason}: "
            "cut it into shorter parts to analyse the rest."
        )
