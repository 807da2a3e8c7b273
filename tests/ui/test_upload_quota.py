"""A visitor cannot fill the server's memory with uploads."""

from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from realtime.ui.upload_quota import limit_uploads


@pytest.fixture
def manager() -> MemoryUploadedFileManager:
    made = MemoryUploadedFileManager("/upload")
    limit_uploads(made, session_bytes=100, server_bytes=250)
    return made


def file(name: str, size: int) -> UploadedFileRec:
    return UploadedFileRec(file_id=name, name=name, type="image/png", data=bytes(size))


def test_files_within_the_quota_are_kept(manager: MemoryUploadedFileManager) -> None:
    manager.add_file(session_id="a", file=file("1", 60))
    manager.add_file(session_id="a", file=file("2", 40))
    assert len(manager.get_files("a", ["1", "2"])) == 2


def test_a_session_cannot_exceed_its_quota(manager: MemoryUploadedFileManager) -> None:
    manager.add_file(session_id="a", file=file("1", 60))
    with pytest.raises(HTTPException) as refused:
        manager.add_file(session_id="a", file=file("2", 41))
    assert refused.value.status_code == 413
    assert not manager.get_files("a", ["2"])
    manager.add_file(session_id="a", file=file("1", 100))  # in place of the first


def test_removed_files_no_longer_count(manager: MemoryUploadedFileManager) -> None:
    manager.add_file(session_id="a", file=file("1", 100))
    manager.remove_file("a", "1")
    manager.add_file(session_id="a", file=file("2", 100))
    manager.remove_session_files("a")
    manager.add_file(session_id="a", file=file("3", 100))


def test_all_sessions_together_are_limited(manager: MemoryUploadedFileManager) -> None:
    for session in ("a", "b"):
        manager.add_file(session_id=session, file=file("1", 100))
    with pytest.raises(HTTPException) as refused:
        manager.add_file(session_id="c", file=file("1", 51))
    assert refused.value.status_code == 507
