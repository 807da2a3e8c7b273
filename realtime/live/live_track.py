"""A live stream as a WebRTC track: camera frames in, annotated frames or results out.

`LiveTrack` is both the sink of the browser's track and the source of the track sent back. It sends
each frame when it is ready, not one later as callbacks do, and none before the first analysis.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame

from realtime.core.faces import FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.engine.degradation import Load
from realtime.engine.engine import Engine
from realtime.live.analysis_thread import MAX_RESULT_AGE_S, AnalysisThread
from realtime.live.browser_drawing import BrowserDrawing
from realtime.live.camera import CameraReader
from realtime.live.fallback_overlay import FallbackOverlay
from realtime.live.frame_processor import Analyser, FrameProcessor, Processor, StreamSettings
from realtime.live.frames import AnnotatedFrame, CameraFrame, FrameTimestamps
from realtime.live.latest_frame import LatestFrame
from realtime.live.outbox import Outbox
from realtime.live.recorder import Recorder
from realtime.live.shared_engine import shared_engine, shared_workers
from realtime.live.snapshot import SnapshotRequests
from realtime.live.stats import LiveStats
from realtime.live.stream_events import StreamEvents
from realtime.live.worker_processor import WorkerProcessor
from realtime.output.tables import FaceTable
from realtime.render.draw import StreamStats

LOST_S = 2.0  # without a frame; cameras in the dark send one every 0.2 s or so


class LiveTrack(MediaStreamTrack):
    """Analyses a video track; each start of a stream needs a new instance.

    Any thread may set `settings`, call `attach_recorder` and `stop`, and read the properties. The
    other methods belong to the event loop.

    Args:
        settings: initial settings.
        make_analyser: creates an analyser in this process, in the stream's thread; None: frames are
            analysed in the shared worker processes.
        engine: decides which frames are analysed; None: the shared one.
        clock: monotonic time in seconds.

    Attributes:
        settings: the viewer's settings; changes apply from the next frame.
        browser_drawing: passes results on to a browser that draws them itself.
        events: finds events in the results.
        last_sound_s: arrival time of the latest audio frame; None before the first.
        broke_off_s: time of the last frame, if the camera had been silent for `LOST_S` when the
            stream ended; otherwise None.
    """

    kind = "video"

    def __init__(
        self,
        settings: StreamSettings | None = None,
        *,
        make_analyser: Callable[[AnalysisSettings], Analyser] | None = None,
        engine: Engine | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.settings = settings or StreamSettings()
        self.last_sound_s: float | None = None
        self.broke_off_s: float | None = None
        self._clock = clock
        self._stats = LiveStats()
        self.browser_drawing = BrowserDrawing(self._stats, clock)
        self.events = StreamEvents(clock)
        self._recorder: Recorder | None = None
        self._input: MediaStreamTrack | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._camera: CameraReader | None = None
        self._latest = LatestFrame(clock)
        self._seat = (engine or shared_engine()).seat()
        processor: Processor
        if make_analyser is None:
            processor = WorkerProcessor(self._seat, shared_workers())
        else:
            processor = FrameProcessor(make_analyser)
        self._thread = AnalysisThread(
            self._latest,
            processor,
            self._current_settings,
            self.stats,
            self._seat,
            on_result=self._on_result,
            draws=self._draws,
        )
        # These belong to the event loop.
        self._outbox = Outbox(self._current_settings)
        self._timestamps = FrameTimestamps()
        self._fallback = FallbackOverlay(
            self._latest, self._thread, self._current_settings, self._deliver
        )

    # For any thread.
    @property
    def result(self) -> FrameResult | None:
        """The latest analysis; None before the first, after a failed one and when outdated."""
        result = self._thread.processor.result
        if result is None or self._camera is None or self._latest.closed:
            return None
        return None if self._camera.age_s(result.time_s) > MAX_RESULT_AGE_S else result

    @property
    def elapsed_s(self) -> float | None:
        """Seconds from the start to the camera's latest frame; None before the first."""
        return None if self._camera is None else self._camera.elapsed_s

    @property
    def ready(self) -> bool:
        """Whether the networks are loaded."""
        return self._thread.ready

    @property
    def table(self) -> FaceTable:
        """All faces since the start; times are seconds since then."""
        return self._thread.table

    @property
    def snapshots(self) -> SnapshotRequests:
        """Requests for snapshots."""
        return self._thread.snapshots

    @property
    def problem(self) -> str | None:
        """A message about the current problem; None if all is well."""
        return self._thread.processor.problem

    @property
    def end_reason(self) -> str | None:
        """A message if repeated faults ended the stream, otherwise None."""
        return self._thread.end_reason

    @property
    def faults(self) -> int:
        """Number of frames whose analysis failed."""
        return self._thread.processor.faults

    @property
    def load(self) -> Load:
        """How much the stream is degraded because the machine is full."""
        return self._seat.load

    @property
    def ended(self) -> bool:
        """Whether the stream has ended; a restart needs a new track."""
        return self._latest.closed

    def stats(self) -> StreamStats:
        """Frame rate, latency and dropped frames, over the last seconds."""
        return self._stats.read(self._clock())

    def silent_s(self) -> float:
        """Seconds since the camera's latest frame, or since the start if none has arrived."""
        return 0.0 if self._camera is None else self._camera.silent_s()

    def attach_recorder(self, recorder: Recorder | None) -> None:
        """Attach a recorder, which the end of the stream stops; None detaches it."""
        self._recorder = recorder
        if recorder is not None and self.ended:
            recorder.stop()

    def stop(self) -> None:
        """End the stream and release its thread and networks. May be called repeatedly."""
        if not self._latest.close():
            return
        self._seat.leave()
        if self._camera is not None and self.silent_s() > LOST_S:
            self.broke_off_s = self._camera.last_frame_s
        if self._loop is None:
            return self._close()
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._close)

    # Called by streamlit-webrtc in the event loop.
    def addTrack(self, track: MediaStreamTrack) -> None:
        """Set the browser's track."""
        self._input = track

    def hasTrack(self) -> bool:
        """Whether the browser's track is set."""
        return self._input is not None

    def start(self) -> None:
        """Start reading the browser's track.

        Raises:
            RuntimeError: no track is set, or the stream was started or stopped before.
        """
        if self._input is None or self._camera is not None or self._latest.closed:
            raise RuntimeError("a LiveTrack can start only once, after addTrack")
        self._loop = asyncio.get_running_loop()
        self._seat.join()
        self._camera = CameraReader(self._input, self._on_camera_frame, self.stop, self._clock)
        self._thread.start(self._camera.started_s, self._offer_threadsafe, self.stop)

    async def recv(self) -> VideoFrame:
        """Wait for the next annotated frame; frames that were not fetched in time are skipped.

        Raises:
            MediaStreamError: the stream has ended.
        """
        annotated = await self._outbox.next()
        if annotated is None:
            raise MediaStreamError
        now_s = self._clock()
        age_ms = (now_s - annotated.analysed_s) * 1e3
        self._stats.frame_shown(annotated.source.number, now_s, age_ms)
        self._record(annotated)
        return self._timestamps.stamp(annotated.frame, now_s)

    def on_audio(self, frame: AudioFrame) -> None:
        """Receive audio from the browser's microphone; it is kept only by a recorder."""
        self.last_sound_s = self._clock()
        recorder = self._recorder
        if recorder is not None:
            recorder.add_sound(frame, self.last_sound_s)

    def _on_camera_frame(self, frame: CameraFrame) -> None:
        drawn = self._draws(self.settings)
        if not drawn and not self.browser_drawing.due(frame):
            return
        due = self._seat.frame_due() or self._latest.pending  # or a newer frame for the same turn
        if drawn and self._seat.paced and self.settings.draw.hiding is None:
            frame = replace(frame, drawn=True)
            if frame.number % self.load.picture_every == 0:
                self._fallback.draw(frame)
        wait_s = self._latest.put(frame) if due else None
        if wait_s is not None and drawn and not frame.drawn:
            self._fallback.schedule(wait_s, frame)

    def _on_result(
        self, frame: CameraFrame, result: FrameResult | None, settings: StreamSettings
    ) -> None:
        self.browser_drawing.offer(frame, result, settings)
        self.events.offer(result)

    def _current_settings(self) -> StreamSettings:
        return self.settings

    def _draws(self, settings: StreamSettings) -> bool:
        """Whether frames must be drawn on, for the browser or for a recording."""
        if not self.browser_drawing.active(settings):
            return True
        recorder = self._recorder
        return recorder is not None and recorder.recording

    def _close(self) -> None:
        if self._camera is not None:
            self._camera.stop()
        super().stop()
        recorder = self._recorder
        if recorder is not None:
            recorder.stop(lost=self.broke_off_s is not None)
        self._outbox.close()
        self.events.end()
        self.browser_drawing.channel.close()

    def _record(self, frame: AnnotatedFrame) -> None:
        recorder = self._recorder  # read once: another thread may detach it
        if recorder is not None:
            recorder.add_frame(frame.frame, frame.source.received_s, hidden=frame.hidden)

    def _deliver(self, frame: AnnotatedFrame) -> None:
        """Send a frame to the browser; one that draws itself gets none: only record it."""
        self._seat.picture_ready(self._clock() - frame.source.received_s)
        if self.browser_drawing.active(self.settings):
            return self._record(frame)
        self._outbox.offer(frame)

    def _offer_threadsafe(self, frame: AnnotatedFrame) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._deliver, frame)
