"""One live stream: the camera's track in, the annotated track out, newest frame only.

`LiveTrack` is both ends of what streamlit-webrtc connects: the sink of the browser's track and the
source of the track sent back. Unlike its callbacks, it gives out each frame as soon as that frame
itself is ready, not one frame later, and nothing at all before there is an analysed frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from realtime.draw import StreamStats
from realtime.faces import FrameResult
from realtime.live_frames import Output, Shot, Stamps
from realtime.live_slot import NewestShot
from realtime.live_stats import LiveStats
from realtime.live_worker import Analyser, FrameWorker, PipelineAnalyser, StreamSettings, draw
from realtime.settings import AnalysisSettings
from realtime.threads import name_thread
from realtime.video_frames import to_bgr, to_video

THREAD_NAME = "facestream-live"
# A browser that falls silent for so long is gone, for it gives up a broken connection after 5 s;
# streamlit-webrtc would notice only after half a minute, and keep the networks in memory till then.
SILENCE_S = 10.0
CONNECTING_S = 40.0


class LiveTrack(MediaStreamTrack):
    """Analyses a video track; made anew for every start of a stream.

    Streamlit's threads may call `configure`, `stop` and read the properties; all else runs in the
    event loop or in the stream's own thread, which owns the networks and frees them at its end.

    Args:
        make_analyser: loads what analyses the frames; called in the stream's thread.
        clock: seconds, monotonic.
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
        self.started_s: float | None = None
        self.last_frame_s: float | None = None
        self.ready = False  # whether the networks are loaded
        self._clock = clock
        self._worker = FrameWorker(make_analyser)
        self._stats = LiveStats()
        self._input: MediaStreamTrack | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pump: asyncio.Task[None] | None = None
        self._newest = NewestShot(clock)
        # The loop's alone.
        self._count = 0
        self._output: Output | None = None
        self._output_ready = asyncio.Event()
        self._sent = -1
        self._stamps = Stamps()
        self._painting = False

    # What Streamlit's threads use.

    @property
    def result(self) -> FrameResult | None:
        """The newest analysis; None before the first and after one that failed."""
        return None if self._newest.closed else self._worker.result

    @property
    def problem(self) -> str | None:
        """A sentence about what is wrong now; None when all is well."""
        return self._worker.problem

    @property
    def faults(self) -> int:
        """How many frames could not be analysed."""
        return self._worker.faults

    @property
    def ended(self) -> bool:
        """Whether the stream is over; then a fresh track is needed."""
        return self._newest.closed

    @property
    def shown(self) -> int:
        """How many frames were given out."""
        return self._stats.shown

    def stats(self) -> StreamStats:
        """Frames shown a second, age of the analysis and frames dropped, over the last seconds."""
        return self._stats.read(self._clock())

    def silent_s(self) -> float:
        """Seconds since the camera's last frame, or since the start if there was none."""
        since = self.last_frame_s if self.last_frame_s is not None else self.started_s
        return 0.0 if since is None else self._clock() - since

    def stop(self) -> None:
        """End the stream and let its thread and networks go; from any thread, more than once."""
        if not self._newest.close():
            return
        if self._loop is None:
            super().stop()
            return
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
        if self._input is None or self._pump is not None or self._newest.closed:
            raise RuntimeError("a LiveTrack starts once, when it has its input")
        self._loop = asyncio.get_running_loop()
        self.started_s = self._clock()
        self._pump = self._loop.create_task(self._read(self._input))
        threading.Thread(target=self._work, name=THREAD_NAME, daemon=True).start()
        self._watch()

    async def recv(self) -> VideoFrame:
        """The newest finished frame, as soon as there is one that was not given out yet."""
        while self.readyState == "live":
            output, self._output = self._output, None
            if output is not None and self._may_leave(output):
                self._sent = output.shot.number
                now_s = self._clock()
                self._stats.frame_shown(self._sent, now_s, (now_s - output.analysed_s) * 1e3)
                return self._stamps.stamp(output.frame, now_s)
            self._output_ready.clear()
            await self._output_ready.wait()
        raise MediaStreamError

    # The loop's side.

    async def _read(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self._take(Shot(self._count, frame, self._clock()))
                    self._count += 1
        self.stop()

    def _watch(self) -> None:
        """Look once a second whether the browser is still there."""
        patience_s = CONNECTING_S if self.last_frame_s is None else SILENCE_S
        if self.silent_s() > patience_s:
            self.stop()
        elif not self._newest.closed and self._loop is not None:
            self._loop.call_later(1.0, self._watch)

    def _take(self, shot: Shot) -> None:
        self.last_frame_s = shot.received_s
        wait_s = self._newest.put(shot)
        if wait_s is not None and self._loop is not None:
            self._loop.call_later(wait_s, self._paint_if_late, shot)

    def _paint_if_late(self, shot: Shot) -> None:
        """Show the newest frame with the newest analysis if the thread has not come to it yet."""
        result, settings = self._worker.result, self.settings
        waits = self._newest.holds(shot)
        if not waits or self._painting or result is None or settings.draw.blur_faces:
            return
        self._painting = True
        assert self._loop is not None
        job = self._loop.run_in_executor(None, self._paint, shot, result, settings)
        job.add_done_callback(self._painted)

    def _painted(self, job: Future[Output] | asyncio.Future[Output]) -> None:
        self._painting = False
        if not job.cancelled() and job.exception() is None:
            self._offer(job.result())

    def _offer(self, output: Output) -> None:
        if self._output is None or output.shot.number > self._output.shot.number:
            self._output = output
            self._output_ready.set()

    def _may_leave(self, output: Output) -> bool:
        blur_wanted = self.settings.draw.blur_faces
        return output.shot.number > self._sent and (output.blurred or not blur_wanted)

    def _close(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
        if self._input is not None:
            self._input.stop()  # or the relay would go on filling its queue
        super().stop()
        self._output = None
        self._output_ready.set()

    # The thread's side.

    def _work(self) -> None:
        name_thread(THREAD_NAME)
        self._worker.prepare(self.settings)
        self.ready = True
        while (shot := self._newest.take()) is not None:
            settings = self.settings
            picture = to_bgr(shot.frame, mirror=settings.mirror)
            result = self._worker.run(picture, shot.received_s, settings, self.stats())
            analysed_s = shot.received_s if result is None else result.time_s
            self._hand_over(Output(shot, to_video(picture), analysed_s, settings.draw.blur_faces))
        self._worker.close()

    def _hand_over(self, output: Output) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._offer, output)

    def _paint(self, shot: Shot, result: FrameResult, settings: StreamSettings) -> Output:
        picture = to_bgr(shot.frame, mirror=settings.mirror)
        draw(picture, result.faces, settings.draw, self.stats())
        return Output(shot, to_video(picture), result.time_s, blurred=False)
