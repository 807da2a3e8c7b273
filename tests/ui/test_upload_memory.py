"""Uploads stay in memory while they arrive, and cannot fill it."""

from __future__ import annotations

import asyncio
import gc
import http.client
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette import formparsers
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from benchmarks.app_server import run_app
from realtime.ui.upload_memory import MemoryFile, UploadBudget, receive_in_memory

PART_BYTES = 64 * 1024
HEAD = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.mp4"\r\n\r\n'
END = b"\r\n--b--\r\n"


def receive(data: bytes) -> tuple[UploadFile, bytes]:
    """Receive a form of one file as Streamlit does."""
    body = HEAD + data + END
    parts = [body[i : i + PART_BYTES] for i in range(0, len(body), PART_BYTES)]

    async def next_part() -> dict[str, object]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": len(parts) > 0}

    async def read() -> tuple[UploadFile, bytes]:
        headers = [(b"content-type", b"multipart/form-data; boundary=b")]
        form = await Request({"type": "http", "headers": headers}, next_part).form()
        (upload,) = form.values()
        assert isinstance(upload, UploadFile)
        return upload, await upload.read()

    return asyncio.run(read())


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch) -> UploadBudget:
    made = UploadBudget(file_bytes=3_000_000, total_bytes=5_000_000)
    monkeypatch.setattr(formparsers, "SpooledTemporaryFile", lambda max_size: MemoryFile(made))
    return made


def test_an_upload_is_received_without_a_file(
    budget: UploadBudget, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_file(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file is created")

    monkeypatch.setattr("tempfile.TemporaryFile", no_file)
    data = os.urandom(2_500_000)
    upload, received = receive(data)
    assert received == data
    assert budget.used_bytes == len(data)
    upload.file.close()
    upload.file.close()
    assert budget.used_bytes == 0


def test_an_upload_that_is_too_large_is_refused_while_it_arrives(budget: UploadBudget) -> None:
    with pytest.raises(HTTPException) as refused:
        receive(bytes(4_000_000))
    assert refused.value.status_code == 413
    del refused
    gc.collect()
    assert budget.used_bytes == 0


def test_all_uploads_together_are_limited(budget: UploadBudget) -> None:
    first, _ = receive(bytes(2_500_000))
    second, _ = receive(bytes(2_400_000))
    with pytest.raises(HTTPException) as refused:
        receive(bytes(200_000))
    assert refused.value.status_code == 507
    second.file.close()
    receive(bytes(200_000))[0].file.close()
    del first, refused
    gc.collect()
    assert budget.used_bytes == 0


def test_an_upload_is_read_in_parts_too(budget: UploadBudget) -> None:
    file = MemoryFile(budget)
    file.write(b"abcdef")
    file.seek(0)
    assert (file.read(2), file.read(), file.read()) == (b"ab", b"cdef", b"")
    file.seek(0)
    assert file.read() == b"abcdef"


@pytest.fixture
def restored() -> Iterator[None]:
    original = formparsers.SpooledTemporaryFile
    receive_in_memory.cache_clear()
    yield
    formparsers.SpooledTemporaryFile = original  # type: ignore[misc]
    receive_in_memory.cache_clear()


@pytest.mark.usefixtures("restored")
def test_further_installations_keep_the_budget() -> None:
    receive_in_memory()
    installed = formparsers.SpooledTemporaryFile
    receive_in_memory()
    assert formparsers.SpooledTemporaryFile is installed


@pytest.mark.serial
@pytest.mark.skipif(sys.platform != "linux", reason="open files are listed on Linux")
def test_the_server_opens_no_file_for_an_upload(tmp_path: Path) -> None:
    with run_app("stream_app.py", environment={"TMPDIR": str(tmp_path)}) as app:
        url = urlsplit(app.url)
        with connect(f"ws://{url.netloc}/_stcore/stream", origin=app.url, proxy=None) as page:  # type: ignore[arg-type]
            page.send(BackMsg(rerun_script={}).SerializeToString())
            message = ForwardMsg()
            while message.WhichOneof("type") != "new_session":
                part = page.recv(timeout=60)
                assert isinstance(part, bytes)
                message.ParseFromString(part)
            session = message.new_session.initialize.session_id
            upload = http.client.HTTPConnection(url.netloc, timeout=60)
            upload.request("GET", "/_stcore/health")
            response = upload.getresponse()
            response.read()
            cookie = next(iter((response.getheader("Set-Cookie") or "").split(";")))
            upload.putrequest("PUT", f"/_stcore/upload_file/{session}/1")
            for name, value in (
                ("Content-Type", "multipart/form-data; boundary=b"),
                ("Content-Length", str(len(HEAD) + 8_000_000 + len(END))),
                ("Cookie", cookie),
                ("X-Xsrftoken", cookie.partition("=")[2]),
            ):
                upload.putheader(name, value)
            upload.endheaders(HEAD + bytes(6_000_000))
            files = open_files(app.process.pid, tmp_path)
            upload.send(bytes(2_000_000) + END)
            assert upload.getresponse().status == 204
    assert files == set()


def open_files(pid: int, folder: Path) -> set[str]:
    """What a process has opened in a folder within a second, also without a name there."""
    seen = set[str]()
    end_s = time.monotonic() + 1
    while time.monotonic() < end_s:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                seen.add(str(descriptor.readlink()))
            except OSError:  # closed since it was listed
                continue
        time.sleep(0.02)
    return {file for file in seen if file.startswith(str(folder))}
