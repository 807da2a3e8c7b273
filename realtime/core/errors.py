"""The base of every error whose message is meant for a user."""

from __future__ import annotations


class FaceStreamError(Exception):
    """Something the user can act on; the message is one sentence that says what to do.

    Everything else that is raised is a fault of the program.

    Example:
        >>> from realtime import FaceStreamError, read_picture
        >>> try:
        ...     read_picture("missing.jpg")
        ... except FaceStreamError as error:
        ...     print(error)
        There is no such file: check the path.
    """
