"""The thread of a live stream: analyses frames, draws on them and records the results."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from realtime.core.faces import FrameResult
from realtime.core.memory import real_time_work
from realtime.core.threads import name_thread
from realtime.engine.engine import Seat
from realtime.live import metrics
from realtime.live.frame_processor import FrameJob, ProcessedFrame, Processor, StreamSettings
from realtime.live.frames import AnnotatedFrame, CameraFrame
from realtime.live.latest_frame import LatestFrame
from realtime.live.snapshot import Snapshot, SnapshotRequests
from realtime.media.frames import from_pixels, to_pixels
from realtime.media.pixels import Mask, Pixels, paste, pixels_to_bgr
from realtime.output.tables import FaceTable
from realtime.render.draw import StreamStats

THREAD_NAME = "facestream-live"
MAX_FAULTS_IN_A_ROW = 150  # five seconds at 30 fps
MAX_RESULT_AGE_S = 1.0  # older results are not drawn: the faces have moved on
STOPPED_BY_FAULTS = (
    "The stream was stopped because its frames could not be analysed. Press Stop, then Start."
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Drawing:
    """What was drawn on an analysed frame, for those that come before the next analysis.

    Drawing anew on each of them would take as much CPU as all other work on a picture.

    Attributes:
        pixels: the frame with the drawing.
        changed: where the drawing is.
        analysed_s: arrival time of the frame.
        mirror: whether it was flipped.
    """

    pixels: Pixels
    changed: Mask
    analysed_s: float
    mirror: bool


class AnalysisThread:
    """Processes the latest frames until they are closed; loads and frees the networks.

    Args:
        latest: the camera's latest frame.
        processor: analyses the frames, in the thread.
        settings: returns the current settings.
        stats: returns the current statistics, to be drawn.
        seat: gives the thread its turns.
        on_result: called in the thread with each frame, its analysis (None if that failed) and the
            settings it was made with; must not block.
        draws: whether frames are drawn on with these settings; otherwise only analysed.

    Attributes:
        ready: whether the networks are loaded.
        end_reason: a message for the viewer if repeated faults ended the stream, otherwise None.
        processor: has the latest result and problem.
        drawing: what was drawn last; None before the first result and after a failed analysis.
        table: all faces since the start; times are seconds since then.
        snapshots: requests for snapshots.
    """

    def __init__(
        self,
        latest: LatestFrame,
        processor: Processor,
        settings: Callable[[], StreamSettings],
        stats: Callable[[], StreamStats],
        seat: Seat,
        *,
        on_result: Callable[[CameraFrame, FrameResult | None, StreamSettings], None],
        draws: Callable[[StreamSettings], bool],
    ) -> None:
        self._latest = latest
        self._seat = seat
        self._settings = settings
        self._stats = stats
        self._on_result = on_result
        self._draws = draws
        self.ready = False
        self.end_reason: str | None = None
        self.processor = processor
        self.drawing: Drawing | None = None
        self.table = FaceTable()
        self.snapshots = SnapshotRequests()

    def start(
        self,
        started_s: float,
        on_frame: Callable[[AnnotatedFrame], None],
        on_end: Callable[[], None],
    ) -> None:
        """Start the thread.

        Args:
            started_s: start of the stream on its clock, the zero of the table's times.
            on_frame: called in the thread with each frame that was drawn on; must not block.
            on_end: called in the thread when repeated faults end the stream.
        """
        self._started_s, self._on_frame, self._on_end = started_s, on_frame, on_end
        self._start_thread()

    def annotate_with(self, frame: CameraFrame, drawing: Drawing | None) -> AnnotatedFrame:
        """Copy an earlier frame's drawing to this one, unless it is too old. Thread-safe."""
        mirror = self._settings().mirror
        pixels, analysed_s = to_pixels(frame.frame, mirror=mirror), frame.received_s
        if drawing is not None:
            analysed_s = drawing.analysed_s
            outdated = frame.received_s - analysed_s > MAX_RESULT_AGE_S
            fits = drawing.mirror == mirror and drawing.pixels.shape == pixels.shape
            if fits and not outdated:
                paste(drawing.pixels, drawing.changed, pixels)
        return AnnotatedFrame(frame, from_pixels(pixels), analysed_s, hidden=False)

    def _start_thread(self) -> None:
        threading.Thread(target=self._run, name=THREAD_NAME, daemon=True).start()

    @real_time_work()
    def _run(self) -> None:
        name_thread(THREAD_NAME)
        try:
            self._analyse_frames()
        except BaseException:  # what ends the thread must not end the stream
            self._fault()
        self.processor.close()
        faulty = self.processor.faults_in_a_row >= MAX_FAULTS_IN_A_ROW
        if not faulty and not self._latest.closed:
            return self._start_thread()
        self.snapshots.close()
        if faulty:
            self.end_reason = STOPPED_BY_FAULTS
            self._on_end()

    def _analyse_frames(self) -> None:
        """Analyse one frame after another until the stream ends or too many in a row fail."""
        self.processor.prepare(self._settings())
        self.ready = True
        while self.processor.faults_in_a_row < MAX_FAULTS_IN_A_ROW and self._latest.wait():
            try:
                self._analyse_next()
            except Exception:  # outside of the analysis, in the table for instance
                self._fault()

    def _analyse_next(self) -> None:
        with self._seat.turn() as turn:
            frame = self._latest.take()  # the newest, now that it is this stream's turn
            if frame is None:
                return
            settings = self._settings()
            settings = replace(settings, draw=self._seat.load.drawn(settings.draw))
            hidden, snapshot_pending = settings.draw.hiding is not None, self.snapshots.pending
            wanted = self._draws(settings)
            send = wanted and (hidden or not frame.drawn)
            pixels = to_pixels(frame.frame, mirror=settings.mirror)
            job = FrameJob(
                now_s=frame.received_s, settings=settings, stats=self._stats(),
                annotate=wanted or snapshot_pending, keep_clean=snapshot_pending,
                interval_s=self._seat.pace.interval_s,
            )  # fmt: skip
            processed = self.processor.process(pixels, job)
            turn.used_elsewhere(processed.cpu_s)
        # The next stream has its turn while this one's result is passed on.
        result = processed.result
        metrics.frame_analysed(None if result is None else result.timings_ms)
        self.drawing = self._drawing(processed, job)
        self._on_result(frame, result, settings)
        if result is not None:
            self.table.add(replace(result, time_s=result.time_s - self._started_s), frame.number)
        picture = pixels if processed.picture is None else processed.picture
        if snapshot_pending:
            clean = pixels if processed.clean is None else processed.clean
            self.snapshots.fulfil(Snapshot(pixels_to_bgr(picture), pixels_to_bgr(clean), hidden))
        if send or (wanted and result is None):
            analysed_s = frame.received_s if result is None else result.time_s
            self._on_frame(AnnotatedFrame(frame, from_pixels(picture), analysed_s, hidden))
        if result is not None:
            self.processor.faults_in_a_row = 0

    def _fault(self) -> None:
        self.processor.record_fault()
        self.drawing = None

    @staticmethod
    def _drawing(processed: ProcessedFrame, job: FrameJob) -> Drawing | None:
        if processed.picture is None or processed.changed is None:
            return None
        return Drawing(
            pixels=processed.picture, changed=processed.changed, analysed_s=job.now_s,
            mirror=job.settings.mirror,
        )  # fmt: skip
