"""SIGTERM: the app ends in time with success, recordings are finished, slow clients dropped."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import streamlit

from benchmarks.app_server import AppServer, run_app

pytestmark = pytest.mark.serial
WAIT_S = 30.0
# The app, with a recording that runs from the start.
APP = """
import os
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from streamlit.starlette import App

from realtime.core.installed import PACKAGE
from realtime.live.recorder import Recorder
from realtime.media.frames import to_video
from realtime.ui.server import MIDDLEWARE, lifespan


@asynccontextmanager
async def recording(app):
    async with lifespan(app):
        recorder = Recorder()
        recorder.add_frame(to_video(np.zeros((48, 64, 3), np.uint8)), 1.0)
        Path(os.environ["NOTE"]).write_text("recording")
        yield
    Path(os.environ["NOTE"]).write_text(f"ended {recorder.ended} {bool(recorder.mp4)}")


app = App(PACKAGE / "pages/navigation.py", middleware=MIDDLEWARE, lifespan=recording)
"""


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The folder in which the app keeps temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """The file in which the app notes how its recording stands."""
    return tmp_path / "note.txt"


@pytest.fixture
def app(tmp_path: Path, temporary: Path, note: Path) -> Iterator[AppServer]:
    script = tmp_path / "app.py"
    script.write_text(APP)
    environment = {"TMPDIR": str(temporary), "NOTE": str(note)}
    with run_app(str(script), environment=environment) as server:
        yield server


def exit_code(app: AppServer) -> int | None:
    """The app's exit code after SIGTERM; None if it does not end by itself."""
    app.process.send_signal(signal.SIGTERM)
    try:
        return app.process.wait(WAIT_S)
    except psutil.TimeoutExpired:
        return None


def test_a_recording_is_finished_and_leaves_nothing_on_the_disk(
    app: AppServer, temporary: Path, note: Path
) -> None:
    deadline = time.monotonic() + WAIT_S
    while not note.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert exit_code(app) == 0
    assert note.read_text() == "ended True True"
    assert list(temporary.iterdir()) == []


def test_a_client_that_does_not_read_is_dropped(app: AppServer, temporary: Path) -> None:
    folder = Path(streamlit.__file__).parent / "static"
    largest = max(folder.rglob("*.js"), key=lambda path: path.stat().st_size)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", urlsplit(app.url).port))
        request = f"GET /{largest.relative_to(folder).as_posix()} HTTP/1.1\r\nHost: x\r\n\r\n"
        client.sendall(request.encode())
        assert client.recv(1)
        assert exit_code(app) == 0
    assert list(temporary.iterdir()) == []
