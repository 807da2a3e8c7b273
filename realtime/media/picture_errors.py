"""Why a picture is refused, in a sentence for its user."""

from __future__ import annotations

from realtime.core.errors import FaceStreamError


class PictureError(FaceStreamError, ValueError):
    """A file that cannot be used as a picture; the message says what to do."""


class TooLargeError(PictureError):
    """A picture with too many bytes or pixels."""


class BusyError(FaceStreamError):
    """There is nothing wrong with the picture, but the server has no room for it now."""

    def __init__(self) -> None:
        super().__init__("The server is busy: try again in a moment.")
