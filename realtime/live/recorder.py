"""Records a live stream as its viewer sees it, beside the stream and without holding it up."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from av import AudioFrame, VideoFrame
from av.error import FFmpegError

from realtime.core.threads import lower_priority, name_thread
from realtime.live.recording_file import RecordingFile

LOGGER = logging.getLogger(__name__)
THREAD_NAME = "facestream-rec"
MOST_WAITING = 30  # frames: a second of a usual camera
MOST_SOUNDS = 500  # of 20 ms each
NOTHING = "Nothing was recorded, for no picture came. Press Record again while the stream runs."
UNWRITABLE = "The server could not write the recording, perhaps for want of space, so it is lost."


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a recording stops by itself.

    Attributes:
        seconds: its longest duration.
        megabytes: its largest size; it is kept in the server's memory until it is given away.
    """

    seconds: float = 600.0
    megabytes: float = 250.0

    def reached(self, seconds: float, size_bytes: int) -> str | None:
        """The sentence that says which limit is reached, if one is."""
        if seconds >= self.seconds:
            return f"The recording stopped by itself after {self.seconds / 60:g} minutes, the most."
        if size_bytes >= self.megabytes * 1e6:
            return f"The recording stopped by itself at {self.megabytes:g} MB, the most."
        return None


class Recorder:
    """Takes frames and sounds from any thread and writes them in a thread of its own.

    Where that cannot keep up, the frames that waited longest are left out. What is written goes to
    a temporary folder that is gone before `ended` is true; then the recording is in memory only.

    Args:
        sound: whether the recording has a sound track.
        limits: where it stops by itself.

    Attributes:
        sound: as above.
        dropped: how many frames were left out.
        mp4: the finished recording; None before, and where there is none.
        ended: whether all is done.
        shows_faces: whether a frame came in which faces were not hidden.
        notice: a sentence on what went otherwise than the viewer wanted, or None.
    """

    def __init__(self, *, sound: bool = False, limits: Limits | None = None) -> None:
        self.sound = sound
        self.dropped = 0
        self.mp4: bytes | None = None
        self.ended = False
        self.shows_faces = False
        self.notice: str | None = None
        self._limits = limits or Limits()
        self._changed = threading.Condition()
        self._frames: deque[tuple[VideoFrame, float]] = deque()
        self._sounds: deque[tuple[AudioFrame, float]] = deque(maxlen=MOST_SOUNDS)
        self._span_s: tuple[float, float] | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name=THREAD_NAME, daemon=True)
        self._thread.start()

    @property
    def recording(self) -> bool:
        """Whether it still takes frames."""
        return not self._stopping

    @property
    def elapsed_s(self) -> float:
        """The duration up to the newest frame."""
        return 0.0 if self._span_s is None else self._span_s[1] - self._span_s[0]

    def see(self, frame: VideoFrame, time_s: float, *, hidden: bool = False) -> None:
        """Take a frame and the time it arrived at; it must not be drawn on any more.

        Args:
            frame: as the viewer sees it.
            time_s: when it arrived.
            hidden: whether faces in it are made unrecognisable.
        """
        with self._changed:
            if self._stopping:
                return
            if len(self._frames) == MOST_WAITING:
                self._frames.popleft()
                self.dropped += 1
            self.shows_faces |= not hidden
            self._frames.append((frame, time_s))
            self._span_s = (self._span_s[0] if self._span_s else time_s, time_s)
            self._changed.notify_all()

    def hear(self, frame: AudioFrame, time_s: float) -> None:
        """Take a sound and the time it arrived at."""
        with self._changed:
            if self.sound and not self._stopping:
                self._sounds.append((frame, time_s))

    def stop(self) -> None:
        """Take no more; the recording is finished in its own thread. Safe to call again."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Whether it has `ended`, after so many seconds at most."""
        self._thread.join(timeout_s)
        return self.ended

    def _work(self) -> None:
        name_thread(THREAD_NAME)
        lower_priority()
        try:
            with TemporaryDirectory(prefix="facestream-") as folder:
                self._write(Path(folder) / "recording.mp4")
        except (FFmpegError, OSError):
            LOGGER.exception("A recording could not be written")
            self.mp4, self.notice = None, UNWRITABLE
        finally:
            self.stop()
            self._frames.clear()
            self._sounds.clear()
            self.ended = True

    def _write(self, path: Path) -> None:
        file, written, start_s = RecordingFile(path, sound=self.sound), 0, 0.0
        try:
            while self.notice is None and (batch := self._next()) is not None:
                (frame, time_s), sounds = batch
                start_s = start_s if written else time_s
                file.see(frame, time_s)
                for sound, heard_s in sounds:
                    file.hear(sound, heard_s)
                written += 1
                self.notice = self._limits.reached(time_s - start_s, file.size_bytes)
        finally:
            file.close()
        if written:
            self.mp4 = path.read_bytes()
        else:
            self.notice = NOTHING

    def _next(self) -> tuple[tuple[VideoFrame, float], list[tuple[AudioFrame, float]]] | None:
        """The next frame and the sounds until then; None once stopped and all is written."""
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
