"""The thread that reads a source: newest frame only, and again after every loss."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator

import av
from av import VideoFrame

from realtime.core.threads import name_thread
from realtime.media.video_file import (
    VideoError,
    check_size,
    decoder_options,
    is_too_large,
    picture_stream,
)
from realtime.watch.slot import NewestFrame, SourceFrame
from realtime.watch.source import OPEN_S, READ_S, Source, reason

SILENT_S = 10.0  # without a frame, however much else arrives: the source counts as lost
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STEADY_S = 20.0  # a connection that lasts so long is a success
MAX_DAMAGED_IN_A_ROW = 1000  # packets
MIN_ROUND_S = 0.04  # of a file that is repeated
IT = "it"  # the subject of the problems' sentences; the name stands before them
MAX_LATE_S = 0.5  # a file that is read more slowly than it plays does not catch up
Report = Callable[[str], None]


class SourceReader:
    """Reads a source until it is stopped; a file until its end.

    Args:
        source: what to read.
        report: called in the thread with a sentence whenever the state changes.
        on_online: called in the thread when frames begin and cease to arrive.
        repeat: whether a file begins again at its end.
        retries: attempts in a row, each shorter than `STEADY_S`; None: without end.
        clock: monotonic time in seconds.
        open_s, read_s, silent_s: time limits for opening, for each read, and for a frame.

    Attributes:
        newest: the newest frame.
        error: why reading has ended; None if a file has been read to its end, or after `stop`.
        frames: frames read so far.
        damaged: packets that could not be decoded.
    """

    def __init__(
        self,
        source: Source,
        *,
        report: Report,
        on_online: Callable[[bool], None] = lambda online: None,
        repeat: bool = False,
        retries: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        open_s: float = OPEN_S,
        read_s: float = READ_S,
        silent_s: float = SILENT_S,
    ) -> None:
        self.newest = NewestFrame()
        self.error: str | None = None
        self.frames = self.damaged = 0
        self._source, self._report, self._on_online = source, report, on_online
        self._repeat, self._retries, self._clock = repeat, retries, clock
        self._open_s, self._read_s, self._silent_s = open_s, read_s, silent_s
        self._stop = threading.Event()
        self._online = False
        self._told: str | None = None
        self._damaged_in_a_row = 0
        self._thread = threading.Thread(target=self._run, name="facestream-read", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> None:
        """End soon; a read that hangs in the network is not waited for."""
        self._stop.set()
        self.newest.close()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        name_thread("facestream-read")
        try:
            self._read_again()
        except Exception as error:  # what ends the thread must end the command too
            self.error = f"{self._source.name}: Reading failed ({reason(error)})."
        finally:
            self._set_online(False)
            self.newest.close()

    def _read_again(self) -> None:
        failures = 0
        while not self._stop.is_set():
            begun_s, problem = self._clock(), None
            try:
                self._read_once()
            except VideoError as error:
                problem = str(error).rstrip(".")
            self._set_online(False)
            if self._stop.is_set():
                return
            if not self._source.live:
                if problem is None and self._repeat:
                    self._stop.wait(MIN_ROUND_S)
                    continue
                self._fail(problem)
                return
            # One that hangs up after a moment, again and again, must not be called all the time.
            steady = self._clock() - begun_s >= STEADY_S
            failures = 1 if steady else failures + 1
            problem = problem or "the connection has ended"
            if self._retries is not None and failures > self._retries:
                self._fail(problem)
                return
            self._tell(f"{problem}; trying again until it answers.")
            pause_s = min(FIRST_PAUSE_S * 2 ** min(failures - 1, 10), LONGEST_PAUSE_S)
            self._stop.wait(pause_s * random.uniform(0.8, 1.2))

    def _fail(self, problem: str | None) -> None:
        """End with this problem, or with none."""
        if problem is None and self.frames == 0:
            problem = "it has no frame that can be decoded"
        if problem is not None:
            self.error = f"{self._source.name}: {problem[:1].upper()}{problem[1:]}."

    def _read_once(self) -> None:
        """Read until the source ends or is lost.

        Raises:
            VideoError: it is lost, or cannot be read; the message is part of a sentence.
        """
        source = self._source
        with source.open(open_s=self._open_s, read_s=self._read_s) as container:
            stream = picture_stream(container, IT)
            stream.thread_type = "SLICE" if source.live else "AUTO"  # frames in parallel come late
            stream.codec_context.options = decoder_options()
            started_s = seen_s = self._clock()
            first: float | None = None
            packets = container.demux(stream)
            while not self._stop.is_set():
                if source.live and self._clock() - seen_s > self._silent_s:
                    raise VideoError(f"no frames for {self._silent_s:g} s")
                frames = self._decode_next(packets, stream)
                if frames is None:
                    return
                for frame in frames:
                    check_size(IT, frame.width, frame.height)
                    if not source.live:
                        first = frame.time if first is None else first
                        started_s = self._pace(frame.time, first, started_s)
                    seen_s = self._clock()
                    self._take(frame, stream, seen_s)

    def _decode_next(
        self, packets: Iterator[av.Packet[av.VideoStream]], stream: av.VideoStream
    ) -> list[VideoFrame] | None:
        """The frames of the next packet; None at the end."""
        try:
            packet = next(packets, None)
            frames = None if packet is None else list(packet.decode())
        except av.error.EOFError:
            return None
        except av.error.ExitError:
            raise VideoError(f"no data for {self._read_s:g} s") from None
        except av.error.FFmpegError as error:
            # A camera that is joined between two key frames has no size yet.
            sized = stream.codec_context.width > 0 or not self._source.live
            if sized and is_too_large(error, stream):
                raise VideoError("its frames exceed 4K: choose a smaller stream or copy") from None
            if not isinstance(error, av.error.InvalidDataError):
                raise VideoError(reason(error)) from None
            self.damaged += 1
            self._damaged_in_a_row += 1
            if self._damaged_in_a_row > MAX_DAMAGED_IN_A_ROW:
                raise VideoError("it sends nothing that can be decoded") from None
            return []
        if frames:
            self._damaged_in_a_row = 0
        return frames

    def _take(self, frame: VideoFrame, stream: av.VideoStream, now_s: float) -> None:
        self.newest.put(SourceFrame(self.frames, frame, stream.sample_aspect_ratio, now_s))
        self.frames += 1
        if not self._online:
            if self._source.live:
                self._tell(f"connected, {frame.width} × {frame.height} pixels.")
            self._set_online(True)

    def _pace(self, time_s: float | None, first_s: float | None, started_s: float) -> float:
        """Wait until a file's frame is due; returns the start, later if reading is too slow."""
        due_s = started_s + max(0.0, (time_s or 0.0) - (first_s or 0.0))
        wait_s = due_s - self._clock()
        if wait_s > 0:
            self._stop.wait(min(wait_s, self._silent_s))
        late_s = max(0.0, -wait_s - MAX_LATE_S)
        return started_s + late_s

    def _set_online(self, online: bool) -> None:
        if online != self._online:
            self._online = online
            self._on_online(online)

    def _tell(self, text: str) -> None:
        """Report a change once; a source that fails in the same way again is no news."""
        if text != self._told:
            self._told = text
            self._report(f"{self._source.name}: {text}")
