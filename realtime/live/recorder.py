"""Recording of a live stream as its viewer sees it, in a thread of its own."""

from __future__ import annotations

import io
import logging
import threading
from collections import deque
from dataclasses import dataclass

from av import AudioFrame, VideoFrame

from realtime.core.shutdown import stop_at_shutdown
from realtime.core.threads import lower_priority, name_thread
from realtime.live.recording_file import RecordingFile

LOGGER = logging.getLogger(__name__)
THREAD_NAME = "facestream-rec"
MAX_QUEUED_FRAMES = 30  # one second at 30 fps
MAX_QUEUED_SOUNDS = 500  # of 20 ms each
NO_FRAMES = (
    "Nothing was recorded because no frames arrived. Press Record again while the stream runs."
)
RECORDING_FAILED = "The recording was lost because of an error on the server. Press Record again."
CONNECTION_LOST = "The recording ended early because the connection to the camera was lost."
ENDED_EARLY = "The recording ended early because of an error on the server."


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """Limits at which a recording stops automatically.

    Attributes:
        seconds: maximum duration.
        megabytes: maximum size; the recording is kept in the server's memory.
    """

    seconds: float = 600.0
    megabytes: float = 250.0

    def reached(self, seconds: float, size_bytes: int) -> str | None:
        """Return a message about the limit that is reached; None if none is."""
        if seconds >= self.seconds:
            return f"Recording stopped at the limit of {self.seconds / 60:g} minutes."
        if size_bytes >= self.megabytes * 1e6:
            return f"Recording stopped at the limit of {self.megabytes:g} MB."
        return None


class Recorder:
    """Accepts frames and sound from any thread and writes them in its own.

    If encoding cannot keep up, the oldest queued frames are dropped. The file is written in memory,
    where it stays anyway: a full disk cannot harm it, and no crash can leave it behind.

    Args:
        sound: whether to record sound.
        limits: when to stop automatically.

    Attributes:
        sound: as above.
        dropped: number of dropped frames.
        mp4: the finished recording; None until it ends and if there is none.
        ended: whether writing has finished.
        shows_faces: whether any frame was recorded without hiding faces.
        notice: a message for the viewer about a limit, a lost connection or a failure; None if all
            went well.
    """

    def __init__(self, *, sound: bool = False, limits: RecordingLimits | None = None) -> None:
        self.sound = sound
        self.dropped = 0
        self.mp4: bytes | None = None
        self.ended = False
        self.shows_faces = False
        self.notice: str | None = None
        self._limits = limits or RecordingLimits()
        self._changed = threading.Condition()
        self._frames: deque[tuple[VideoFrame, float]] = deque()
        self._sounds: deque[tuple[AudioFrame, float]] = deque(maxlen=MAX_QUEUED_SOUNDS)
        self._span_s: tuple[float, float] | None = None
        self._stopping = False
        self._lost = False
        self._thread = threading.Thread(target=self._run, name=THREAD_NAME, daemon=True)
        self._thread.start()
        stop_at_shutdown(self._thread, self.stop)

    @property
    def recording(self) -> bool:
        """Whether frames are still accepted."""
        return not self._stopping

    @property
    def elapsed_s(self) -> float:
        """Duration up to the latest frame in seconds."""
        return 0.0 if self._span_s is None else self._span_s[1] - self._span_s[0]

    def add_frame(self, frame: VideoFrame, time_s: float, *, hidden: bool = False) -> None:
        """Queue a frame.

        Args:
            frame: the frame as shown to the viewer; do not modify it afterwards.
            time_s: its arrival time.
            hidden: whether its faces are hidden.
        """
        with self._changed:
            if self._stopping:
                return
            if len(self._frames) == MAX_QUEUED_FRAMES:
                self._frames.popleft()
                self.dropped += 1
            self.shows_faces |= not hidden
            self._frames.append((frame, time_s))
            self._span_s = (self._span_s[0] if self._span_s else time_s, time_s)
            self._changed.notify_all()

    def add_sound(self, frame: AudioFrame, time_s: float) -> None:
        """Queue an audio frame with its arrival time; ignored if sound is not recorded."""
        with self._changed:
            if self.sound and not self._stopping:
                self._sounds.append((frame, time_s))

    def stop(self, *, lost: bool = False) -> None:
        """Stop accepting frames; the thread then finishes the file. May be called repeatedly.

        Args:
            lost: whether the stream broke off, which `notice` then says. Later calls do not
                change it.
        """
        with self._changed:
            self._lost = self._lost if self._stopping else lost
            self._stopping = True
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Wait up to `timeout_s` for the end; return `ended`."""
        self._thread.join(timeout_s)
        return self.ended

    def _run(self) -> None:
        name_thread(THREAD_NAME)
        lower_priority()
        try:
            self._write()
        except Exception:
            LOGGER.exception("A recording failed")
            self.mp4, self.notice = None, RECORDING_FAILED
        finally:
            self.stop()
            self._frames.clear()
            self._sounds.clear()
            self.ended = True

    def _write(self) -> None:
        out = io.BytesIO()
        file = RecordingFile(out, sound=self.sound)
        try:
            written = self._write_frames(file)
        finally:
            file.close()
        if written:
            self.mp4 = out.getvalue()
            if self._lost and self.notice is None:
                self.notice = CONNECTION_LOST
        elif self.notice is None:
            self.notice = NO_FRAMES

    def _write_frames(self, file: RecordingFile) -> int:
        """Write frames and sounds until the end, a limit or an error; return how many frames."""
        written, start_s = 0, 0.0
        while self.notice is None and (batch := self._next()) is not None:
            (frame, time_s), sounds = batch
            start_s = start_s if written else time_s
            try:
                file.add_frame(frame, time_s)
                written += 1
                for sound, arrived_s in sounds:
                    file.add_sound(sound, arrived_s)
            except Exception:
                if not written:
                    raise
                LOGGER.exception("A recording ended early")
                self.notice = ENDED_EARLY
                break
            self.notice = self._limits.reached(time_s - start_s, file.size_bytes)
        return written

    def _next(self) -> tuple[tuple[VideoFrame, float], list[tuple[AudioFrame, float]]] | None:
        """Wait for a frame and the sounds up to it; None once stopped and the queue is empty."""
        with self._changed:
            while not self._frames and not self._stopping:
                self._changed.wait()
            if not self._frames:
                return None
            frame, time_s = self._frames.popleft()
            sounds = []
            while self._sounds and self._sounds[0][1] <= time_s:
                sounds.append(self._sounds.popleft())
            return (frame, time_s), sounds
