"""One process that decodes pictures, seen from the server; see `realtime.media.decode_worker`."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import Frame
from realtime.media.decode_worker import GO, LENGTH_BYTES, STOP
from realtime.media.limits import MAX_DECODE_WALL_S
from realtime.media.picture_errors import PictureError, TooLargeError
from realtime.media.picture_file import STRIP_BYTES, strip_rows
from realtime.media.worker_process import WorkerProcess

START_S = 60.0  # for Python and its imports, on a machine with other work
_TOO_SLOW = "Decoding this picture takes too long. Use a smaller copy, or save it again as JPEG."
# By RLIMIT_CPU, which Windows does not have.
_TIME_IS_UP = (-signal.SIGXCPU,) if hasattr(signal, "SIGXCPU") else ()
_CRASHED = "The picture cannot be decoded. Save it again as JPEG, PNG or WebP."

Allocate = Callable[[int], NDArray[np.uint8]]


class DecodeProcess:
    """Decodes one picture at a time in a process of its own.

    The pixels come back through a pipe: shared memory has 64 MB in a container by default, and
    Windows and macOS free it by other rules.

    Raises:
        OSError: the process cannot be started.
    """

    def __init__(self) -> None:
        self._idle = False
        # A strip at once, where the system has such pipes.
        self._worker = WorkerProcess("realtime.media.decode_worker", pipe_bytes=STRIP_BYTES)
        with suppress(EOFError), self._worker.killed_after(START_S):
            self._idle = bool(self._worker.answer())
        if not self._idle:
            self.close()
            raise OSError("the process that decodes pictures does not start")

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._worker.pid

    @property
    def usable(self) -> bool:
        """Whether it waits for the next picture."""
        return self._idle and not self._worker.late and self._worker.running

    def decode(self, data: bytes, allocate: Allocate) -> Frame:
        """Decode a picture file.

        Args:
            data: the file.
            allocate: gives (n,) bytes for the pixels; what it raises is passed on.

        Returns:
            (h, w, 3) uint8 BGR, upright.

        Raises:
            TooLargeError: the picture has too many pixels.
            PictureError: it is damaged, not supported, or takes more than `MAX_DECODE_S` of
                processor time or `MAX_DECODE_WALL_S`.
        """
        self._idle = False
        try:
            started_s = time.monotonic()
            with self._worker.killed_after(MAX_DECODE_WALL_S):
                self._worker.send(len(data).to_bytes(LENGTH_BYTES, "big"), data)
                width, height = self._answer()["size_wh"]
            left_s = MAX_DECODE_WALL_S - (time.monotonic() - started_s)
            try:
                pixels = allocate(height * width * 3)
            except BaseException:
                self._worker.send(STOP)
                self._idle = True
                raise
            with self._worker.killed_after(left_s):
                self._worker.send(GO)
                orientation = self._answer()["orientation"]
                turned = orientation >= 5  # sides change places
                frame = pixels.reshape((width, height, 3) if turned else (height, width, 3))
                self._read_rows(as_stored(frame, orientation))
        except (OSError, EOFError):
            self._worker.kill()  # if it still runs, so that waiting ends
            slow = self._worker.late or self._worker.exit_code() in _TIME_IS_UP
            raise PictureError(_TOO_SLOW if slow else _CRASHED) from None
        self._idle = True
        return frame

    def close(self) -> None:
        """End the process."""
        self._worker.close()

    def _answer(self) -> dict[str, Any]:
        answer = self._worker.answer()
        if "error" in answer:
            self._idle = True
            raise (TooLargeError if answer["too_large"] else PictureError)(answer["error"])
        return answer

    def _read_rows(self, frame: Frame) -> None:
        height, width = frame.shape[:2]
        step = strip_rows(width)
        strip = np.empty((min(step, height), width, 3), np.uint8)
        for top in range(0, height, step):
            part = strip[: min(step, height - top)]
            self._worker.read_into(part.data.cast("B"))
            frame[top : top + len(part)] = part


def as_stored(frame: Frame, orientation: int) -> Frame:
    """A view of an upright picture in the order of the file's pixels.

    Args:
        frame: (h, w, 3), or (w, h, 3) for orientations from 5 on.
        orientation: EXIF's, 1 to 8.

    Returns:
        (h, w, 3): what is written to it turns upright without a copy.
    """
    if orientation in (5, 6, 7, 8):
        frame = frame.transpose(1, 0, 2)
    flip_rows = orientation in (3, 4, 6, 7)
    flip_columns = orientation in (2, 3, 7, 8)
    return frame[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
