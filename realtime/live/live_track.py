"""One live stream: the camera's track in, the annotated track out, newest frame only.

`LiveTrack` is both ends of what streamlit-webrtc connects: sink of the browser's track, source of
the one sent back. Unlike its callbacks, it gives out each frame as soon as that frame itself is
ready, not one frame later, and nothing before there is an analysed frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame

from realtime.core.faces import FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.live.analysis_thread import LiveThread
from realtime.live.camera import CameraReader
from realtime.live.fallback_overlay import LatePainter
from realtime.live.frame_processor import Analyser, PipelineAnalyser, StreamSettings
from realtime.live.frames import Output, Shot, Stamps
from realtime.live.latest_frame import NewestShot
from realtime.live.outbox import Outbox
from realtime.live.recorder import Recorder
from realtime.live.snapshot import SnapshotDesk
from realtime.live.stats import LiveStats
from realtime.output.tables import FaceTable
from realtime.render.draw import StreamStats


class LiveTrack(MediaStreamTrack):
    """Analyses a video track; made anew for every start of a stream.

    Streamlit's threads may set `settings`, call `record` and `stop`, and read the properties; all
    else runs in the event loop or in the stream's own thread (`LiveThread`).

    Args:
        make_analyser: loads what analyses the frames; called in the stream's thread.
        clock: seconds, monotonic.

    Attributes:
        settings: what the viewer has chosen; taken up with the next frame.
        last_sound_s: when the microphone was heard last.
    """

    kind = "video"

    def __init__(
        self,
        settings: StreamSettings | None = None,
        *,
        make_analyser: Callable[[AnalysisSettings], Analyser] = PipelineAnalyser,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.settings = settings or StreamSettings()
        self.last_sound_s: float | None = None
        self._clock = clock
        self._stats = LiveStats()
        self._recorder: Recorder | None = None
        self._input: MediaStreamTrack | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._camera: CameraReader | None = None
        self._newest = NewestShot(clock)
        self._thread = LiveThread(self._newest, make_analyser, self._wanted, self.stats)
        # The loop's alone.
        self._outbox = Outbox(self._wanted)
        self._stamps = Stamps()
        self._late = LatePainter(self._newest, self._thread, self._wanted, self._outbox.offer)

    # What Streamlit's threads use.

    @property
    def result(self) -> FrameResult | None:
        """The newest analysis; None before the first and after one that failed."""
        return None if self._newest.closed else self._thread.worker.result

    @property
    def elapsed_s(self) -> float | None:
        """Seconds from the start to the camera's newest frame; None before the first."""
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
    def snapshots(self) -> SnapshotDesk:
        """Where a still can be asked for."""
        return self._thread.snapshots

    @property
    def problem(self) -> str | None:
        """A sentence about what is wrong now; None when all is well."""
        return self._thread.worker.problem

    @property
    def faults(self) -> int:
        """How many frames could not be analysed."""
        return self._thread.worker.faults

    @property
    def ended(self) -> bool:
        """Whether the stream is over; then a fresh track is needed."""
        return self._newest.closed

    def stats(self) -> StreamStats:
        """Frames shown a second, age of the analysis and frames dropped, over the last seconds."""
        return self._stats.read(self._clock())

    def silent_s(self) -> float:
        """Seconds since the camera's last frame, or since the start if there was none."""
        return 0.0 if self._camera is None else self._camera.silent_s()

    def record(self, recorder: Recorder | None) -> None:
        """Let the recorder have all that leaves and is heard, to the end; None: nobody."""
        self._recorder = recorder
        if recorder is not None and self.ended:
            recorder.stop()

    def stop(self) -> None:
        """End the stream and let its thread and networks go; from any thread, more than once."""
        if not self._newest.close():
            return
        if self._loop is None:
            return self._close()
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._close)

    # What streamlit-webrtc calls, in the event loop.

    def addTrack(self, track: MediaStreamTrack) -> None:
        """Take the browser's track."""
        self._input = track

    def hasTrack(self) -> bool:
        """Whether the browser's track is there."""
        return self._input is not None

    def start(self) -> None:
        """Begin to read the browser's track.

        Raises:
            RuntimeError: there is no track, or the stream has begun or ended before.
        """
        if self._input is None or self._camera is not None or self._newest.closed:
            raise RuntimeError("a LiveTrack starts once, when it has its input")
        self._loop = asyncio.get_running_loop()
        self._camera = CameraReader(self._input, self._take, self.stop, self._clock)
        self._thread.start(self._camera.started_s, self._hand_over)

    async def recv(self) -> VideoFrame:
        """The newest finished frame, as soon as there is one that was not given out yet."""
        output = await self._outbox.next()
        if output is None:
            raise MediaStreamError
        now_s = self._clock()
        self._stats.frame_shown(output.shot.number, now_s, (now_s - output.analysed_s) * 1e3)
        if self._recorder is not None:
            self._recorder.see(output.frame, output.shot.received_s, hidden=output.hidden)
        return self._stamps.stamp(output.frame, now_s)

    def hear(self, frame: AudioFrame) -> None:
        """Take a sound of the browser's microphone; it is kept only where there is a recorder."""
        self.last_sound_s = self._clock()
        if self._recorder is not None:
            self._recorder.hear(frame, self.last_sound_s)

    # The loop's side.

    def _take(self, shot: Shot) -> None:
        wait_s = self._newest.put(shot)
        if wait_s is not None:
            self._late.look_after(wait_s, shot)

    def _wanted(self) -> StreamSettings:
        return self.settings

    def _close(self) -> None:
        if self._camera is not None:
            self._camera.stop()
        super().stop()
        if self._recorder is not None:
            self._recorder.stop()
        self._outbox.close()

    def _hand_over(self, output: Output) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._outbox.offer, output)
