"""What can go wrong with an archive as a whole; a bad file is a row with `error` instead."""

from __future__ import annotations

from realtime.core.errors import FaceStreamError


class BulkError(FaceStreamError):
    """The archive cannot be analysed or read; the message says what to do."""
