"""The thread of a live stream: analyses frames, draws on them and records the results."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from realtime.core.faces import Faces, FrameResult
from realtime.core.memory import real_time_work
from realtime.core.settings import AnalysisSettings
from realtime.core.threads import name_thread
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
    ) -> None:
        self._latest = latest
        self._settings = settings
        self._stats = stats
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
            on_frame: called in the thread with each annotated frame; must not block.
            on_end: called in the thread when repeated faults end the stream.
        """
        arguments = (started_s, on_frame, on_end)
        threading.Thread(target=self._run, args=arguments, name=THREAD_NAME, daemon=True).start()

    def annotate_with(
        self, frame: CameraFrame, result: FrameResult, settings: StreamSettings
    ) -> AnnotatedFrame:
        """Draw the result of an earlier frame on this one, unless it is too old. Thread-safe."""
        picture = to_bgr(frame.frame, mirror=settings.mirror)
        outdated = frame.received_s - result.time_s > MAX_RESULT_AGE_S
        draw(picture, Faces.empty() if outdated else result.faces, settings.draw, self._stats())
        return AnnotatedFrame(frame, to_video(picture), result.time_s, hidden=False)

    @real_time_work()
    def _run(
        self,
        started_s: float,
        on_frame: Callable[[AnnotatedFrame], None],
        on_end: Callable[[], None],
    ) -> None:
        name_thread(THREAD_NAME)
        try:
            self.processor.prepare(self._settings())
            self.ready = True
            while (frame := self._latest.take()) is not None:
                try:
                    on_frame(self._process(frame, started_s))
                except Exception:  # outside of the analysis, in the table for instance
                    self.processor.record_fault()
                if self.processor.faults_in_a_row >= MAX_FAULTS_IN_A_ROW:
                    self.end_reason = STOPPED_BY_FAULTS
                    break
        finally:
            self.processor.close()
            self.snapshots.close()
            if self.end_reason is not None:
                on_end()

    def _process(self, frame: CameraFrame, started_s: float) -> AnnotatedFrame:
        settings = self._settings()
        hidden, snapshot_pending = settings.draw.hiding is not None, self.snapshots.pending
        picture = to_bgr(frame.frame, mirror=settings.mirror)
        result = self.processor.process(
            picture, frame.received_s, settings, self._stats(), keep_clean=snapshot_pending
        )
        if result is not None:
            self.table.add(replace(result, time_s=result.time_s - started_s), frame.number)
        if snapshot_pending:
            self.snapshots.fulfil(Snapshot(picture, self.processor.take_clean(), hidden))
        analysed_s = frame.received_s if result is None else result.time_s
        annotated = AnnotatedFrame(frame, to_video(picture), analysed_s, hidden)
        if result is not None:
            self.processor.faults_in_a_row = 0
        return annotated
