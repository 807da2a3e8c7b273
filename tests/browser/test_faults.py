"""Faults while a viewer watches."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import psutil
import pytest

from benchmarks.app_server import AppServer, run_app
from benchmarks.crowd import crowd
from tests.browser.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(280)]
WAIT_S = 60.0


@pytest.fixture
def app(stage: Stage) -> Iterator[AppServer]:
    """An app of the test's own."""
    host = stage.hosts.address if stage.hosts else "localhost"
    prefix = stage.hosts.server if stage.hosts else ()
    with run_app("stream_app.py", host=host, prefix=prefix) as server:
        yield server


def test_the_server_ends_with_success_while_a_viewer_watches(stage: Stage, app: AppServer) -> None:
    with crowd(stage.playwright, app, stage.hosts, stage.cameras[1]) as viewers:
        viewers.start_streams(1)
        app.process.send_signal(signal.SIGTERM)
        try:
            assert app.process.wait(WAIT_S) == 0
        except psutil.TimeoutExpired:
            pytest.fail("the server did not end")
