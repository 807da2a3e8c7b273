"""Uploads in memory from their first byte on, within a budget.

Starlette writes an upload that is larger than 1 MB to a temporary file while it is received, and
limits the size of neither one nor all of them. Streamlit looks at the size afterwards.
"""

from __future__ import annotations

import io
from functools import cache

from starlette import formparsers
from starlette.exceptions import HTTPException

from realtime.core.memory_budget import MemoryBudget
from realtime.media.limits import MAX_RECEIVED_BYTES, MAX_VIDEO_UPLOAD_BYTES

CONTENT_TOO_LARGE, INSUFFICIENT_STORAGE = 413, 507


class UploadBudget:
    """The bytes of all uploads that are being received; safe to use from any thread.

    Args:
        file_bytes: the most that one upload may have.
        total_bytes: the most that all may have together.
    """

    def __init__(
        self, *, file_bytes: int = MAX_VIDEO_UPLOAD_BYTES, total_bytes: int = MAX_RECEIVED_BYTES
    ) -> None:
        self._file_bytes = file_bytes
        self._total = MemoryBudget(total_bytes)

    @property
    def used_bytes(self) -> int:
        """Size of what has arrived of all uploads."""
        return self._total.used_bytes

    def take(self, size: int, had: int) -> None:
        """Count more bytes of an upload.

        Args:
            size: how many.
            had: how many it had before.

        Raises:
            HTTPException: 413 if the upload is too large, 507 if all together are.
        """
        if had + size > self._file_bytes:
            raise HTTPException(CONTENT_TOO_LARGE, "The file is too large. Use a smaller copy.")
        if not self._total.take(size):
            raise HTTPException(INSUFFICIENT_STORAGE, "The server is busy: try again in a moment.")

    def give_back(self, size: int) -> None:
        """Count these bytes no longer; never waits, as finalizers call it."""
        self._total.give_back(size)


class MemoryFile(io.BytesIO):
    """Takes the place of Starlette's temporary file.

    Args:
        budget: what its bytes count towards until it is closed or freed.
    """

    _rolled = False  # Starlette then writes at once instead of in a thread

    def __init__(self, budget: UploadBudget) -> None:
        super().__init__()
        self._budget, self._taken = budget, 0

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Append the next part.

        Raises:
            HTTPException: it does not fit the budget.
        """
        self._budget.take(len(data), self._taken)
        self._taken += len(data)
        return super().write(data)

    def read(self, size: int | None = -1, /) -> bytes:
        """Read; the whole file is not copied, which would hold up all live streams."""
        if self.tell() == 0 and (size is None or size < 0):
            return self.getvalue()
        return super().read(size)

    def close(self) -> None:
        """Free the memory."""
        if not self.closed:
            self._budget.give_back(self._taken)
        super().close()


@cache
def receive_in_memory() -> None:
    """Have Starlette receive uploads in memory; further calls do nothing."""
    budget = UploadBudget()
    # Its class attribute `spool_max_size` would do for the file, but not bound the memory.
    formparsers.SpooledTemporaryFile = lambda max_size: MemoryFile(budget)  # type: ignore[attr-defined,assignment]
