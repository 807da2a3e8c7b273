"""A quota on what visitors upload, enforced where the server receives it.

Streamlit limits the size of a file on the server, but how many files a visitor sends only in the
browser.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Protocol

from starlette.exceptions import HTTPException
from streamlit.runtime import exists, get_instance
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from realtime.media.limits import MAX_SERVER_UPLOAD_BYTES, MAX_SESSION_UPLOAD_BYTES

CONTENT_TOO_LARGE, INSUFFICIENT_STORAGE = 413, 507


class FileManager(Protocol):
    """What is used of Streamlit's manager of uploaded files."""

    file_storage: dict[str, dict[str, UploadedFileRec]]

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Keep a file for a session."""


@cache
def install_quota() -> None:
    """Enforce the quota on the running server; further calls do nothing."""
    if exists():
        limit_uploads(get_instance().uploaded_file_mgr)  # type: ignore[arg-type]


def limit_uploads(
    manager: FileManager,
    *,
    session_bytes: int = MAX_SESSION_UPLOAD_BYTES,
    server_bytes: int = MAX_SERVER_UPLOAD_BYTES,
) -> None:
    """Have the manager refuse files beyond these sizes, summed over a session and over all.

    A refused file is answered with HTTP status 413 (the session's quota) or 507 (the server's).
    """
    add_file, lock = manager.add_file, threading.Lock()

    def add_within_quota(session_id: str, file: UploadedFileRec) -> None:
        with lock:
            sizes = {
                session: sum(len(kept.data) for kept in list(files.values()))
                for session, files in list(manager.file_storage.items())
            }
            replaced = manager.file_storage.get(session_id, {}).get(file.file_id)
            added = len(file.data) - (0 if replaced is None else len(replaced.data))
            if sizes.get(session_id, 0) + added > session_bytes:
                raise HTTPException(
                    CONTENT_TOO_LARGE, "Remove some of your files first: they take too much memory."
                )
            if sum(sizes.values()) + added > server_bytes:
                raise HTTPException(
                    INSUFFICIENT_STORAGE, "The server is full: try again in a few minutes."
                )
            add_file(session_id=session_id, file=file)

    manager.add_file = add_within_quota  # type: ignore[method-assign]
