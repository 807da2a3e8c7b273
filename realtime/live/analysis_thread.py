"""The thread of a live stream: analyses frames, draws on them and records the results."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from realtime.core.faces import Faces, FrameResult
from realtime.core.memory import real_time_work
from realtime.core.settings import AnalysisSettings
from realtime.core.threads import name_thread
from realtime.engine.engine import Seat
from realtime.live.frame_processor import Analyser, FrameProcessor, StreamSettings, draw
from realtime.live.frames import AnnotatedFrame, CameraFrame
from realtime.live.latest_frame import LatestFrame
from realtime.live.snapshot import Snapshot, SnapshotRequests
from realtime.media.frames import to_bgr, to_video
from realtime.output.tables import FaceTable
from realtime.render.draw import StreamStats

THREAD_NAME = "facestream-live"
MAX_FAULTS_IN_A_ROW = 150  # five seconds at 30 fps
MAX_RESULT_AGE_S = 1.0  # older results are not drawn: the faces have moved on
STOPPED_BY_FAULTS = (
    "The stream was stopped because its frames could not be analysed. Press Stop, then Start."
)


class AnalysisThread:
    """Processes the latest frames until they are closed; loads and frees the networks.

    Args:
        latest: the camera's latest frame.
        make_analyser: creates the analyser; called in the thread because loading takes time.
        settings: returns the current settings.
        stats: returns the current statistics, to be drawn.
        seat: gives the thread its turns.
        on_result: called in the thread with each frame, its analysis (None if that failed) and the
            settings it was made with; must not block.
        draws: whether frames are drawn on with these settings; otherwise only analysed.

    Attributes:
        ready: whether the networks are loaded.
        end_reason: a message for the viewer if repeated faults ended the stream, otherwise None.
        processor: the frame processor, with the latest result and problem.
        table: all faces since the start; times are seconds since then.
        snapshots: requests for snapshots.
    """

    def __init__(
        self,
        latest: LatestFrame,
        make_analyser: Callable[[AnalysisSettings], Analyser],
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
        self.processor = FrameProcessor(make_analyser)
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

    def annotate_with(
        self, frame: CameraFrame, result: FrameResult, settings: StreamSettings
    ) -> AnnotatedFrame:
        """Draw the result of an earlier frame on this one, unless it is too old. Thread-safe."""
        picture = to_bgr(frame.frame, mirror=settings.mirror)
        outdated = frame.received_s - result.time_s > MAX_RESULT_AGE_S
        mesh = settings.draw.landmarks and self._seat.load.mesh
        drawn = replace(settings.draw, landmarks=mesh)
        draw(picture, Faces.empty() if outdated else result.faces, drawn, self._stats())
        return AnnotatedFrame(frame, to_video(picture), result.time_s, hidden=False)

    def _start_thread(self) -> None:
        threading.Thread(target=self._run, name=THREAD_NAME, daemon=True).start()

    @real_time_work()
    def _run(self) -> None:
        name_thread(THREAD_NAME)
        try:
            self._analyse_frames()
        except BaseException:  # what ends the thread must not end the stream
            self.processor.record_fault()
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
            with self._seat.turn():
                frame = self._latest.take()
                if frame is None:
                    continue
                try:
                    self._analyse(frame)
                except Exception:  # outside of the analysis, in the table for instance
                    self.processor.record_fault()

    def _analyse(self, frame: CameraFrame) -> None:
        settings = self._settings()
        hidden, snapshot_pending = settings.draw.hiding is not None, self.snapshots.pending
        wanted = self._draws(settings)
        send = wanted and (hidden or not frame.drawn)
        picture = to_bgr(frame.frame, mirror=settings.mirror)
        result = self.processor.process(
            picture, frame.received_s, settings, self._stats(),
            keep_clean=snapshot_pending, annotate=send or snapshot_pending,
        )  # fmt: skip
        self._on_result(frame, result, settings)
        if result is not None:
            self.table.add(replace(result, time_s=result.time_s - self._started_s), frame.number)
        if snapshot_pending:
            self.snapshots.fulfil(Snapshot(picture, self.processor.take_clean(), hidden))
        if send or (wanted and result is None):
            analysed_s = frame.received_s if result is None else result.time_s
            self._on_frame(AnnotatedFrame(frame, to_video(picture), analysed_s, hidden))
        if result is not None:
            self.processor.faults_in_a_row = 0
