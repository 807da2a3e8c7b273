"""The app's server as a process: who may connect, and what its responses say."""

from __future__ import annotations

import contextlib
import re
import socket
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from benchmarks.app_server import AppServer, run_app
from realtime.core.hosts import OPEN_NOTICE
from realtime.core.installed import PACKAGE
from realtime.ui.files import SAMPLE_RESULT, SAMPLE_VIDEO, file_path
from realtime.ui.page_html import PAGES

pytestmark = pytest.mark.serial
OTHER_LOOPBACK = "127.0.0.2"  # on Linux all of 127.0.0.0/8 are this machine


@pytest.fixture(scope="module")
def lookups() -> Iterator[list[str]]:
    """The requests that the servers of this module sent to other hosts."""
    seen: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_error(502)

        do_CONNECT = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        seen.append(f"http://127.0.0.1:{proxy.server_port}")
        yield seen
        proxy.shutdown()


@pytest.fixture(scope="module")
def app(lookups: list[str]) -> Iterator[AppServer]:
    """The app, listening on all addresses, with a proxy that records all it asks outside."""
    proxy = lookups.pop()
    environment = {name: proxy for name in ("http_proxy", "https_proxy")} | {"no_proxy": ""}
    with run_app("stream_app.py", environment=environment) as server:
        yield server


def status(app: AppServer, origin: str, host: str = "localhost") -> int:
    """The HTTP status of the response to a WebSocket that a page of this origin opens."""
    port = urlsplit(app.url).port
    try:
        with connect(f"ws://{host}:{port}/_stcore/stream", origin=origin, proxy=None):  # type: ignore[arg-type]
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.parametrize("origin", ["https://other.example", "http://192.0.2.7:8501", "null"])
def test_other_sites_are_refused_without_a_lookup(
    app: AppServer, lookups: list[str], origin: str
) -> None:
    assert status(app, origin) == 403
    assert lookups == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs a second loopback address")
def test_the_site_itself_connects_by_name_and_by_address(
    app: AppServer, lookups: list[str]
) -> None:
    port = urlsplit(app.url).port
    for host in ("localhost", "127.0.0.1", OTHER_LOOPBACK):
        assert status(app, f"http://{host}:{port}", host) == 101
    assert status(app, f"http://{OTHER_LOOPBACK}:{port}", "127.0.0.1") == 403
    assert lookups == []


def test_an_open_server_says_so(app: AppServer) -> None:
    assert OPEN_NOTICE in app.log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a second loopback address")
def test_the_default_is_this_machine_only() -> None:
    with run_app("stream_app.py", address=None) as app:
        port = urlsplit(app.url).port
        with pytest.raises(ConnectionRefusedError):  # as from any address but 127.0.0.1
            socket.create_connection((OTHER_LOOPBACK, port or 0), timeout=10)
        assert OPEN_NOTICE not in app.log.read_text()


@pytest.mark.parametrize("path", ["/", "/photo", "/_stcore/health"])
def test_responses_have_security_headers(app: AppServer, path: str) -> None:
    with urllib.request.urlopen(f"{app.url}{path}", timeout=10) as response:
        policy = response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    for directive in ("default-src 'self'", "frame-ancestors 'self'", "base-uri ", "form-action "):
        assert directive in policy


def test_the_first_visitor_waits_for_no_import(app: AppServer) -> None:
    loaded = app.modules()
    assert {"streamlit_webrtc", "pandas", "realtime.ui.live.readout"} <= loaded
    page = f"{app.url}/component/streamlit_webrtc.component.webrtc_streamer/index.html"
    with urllib.request.urlopen(page, timeout=10) as response:  # served before any page has run
        assert response.status == 200
    assert "missing ScriptRunContext" not in app.log.read_text()


def fetch_text(app: AppServer, path: str) -> str:
    with urllib.request.urlopen(f"{app.url}/{path}", timeout=10) as response:
        return str(response.read().decode())


@pytest.mark.parametrize("path", PAGES)
def test_every_page_knows_the_servers_address(app: AppServer, path: str) -> None:
    assert 'BACKEND_BASE_URL: location.origin + ""' in fetch_text(app, path)


def test_the_listed_pages_are_those_of_the_navigation() -> None:
    text = (PACKAGE / "pages/navigation.py").read_text(encoding="utf-8")
    names = re.findall(r'"pages/(\w+)\.py"', text)
    assert {"live" if page == "" else page for page in PAGES} == set(names)


def test_the_sample_videos_are_served_and_no_other_file_beside_them(app: AppServer) -> None:
    for name in (SAMPLE_VIDEO, SAMPLE_RESULT):
        with urllib.request.urlopen(f"{app.url}{file_path(name)}", timeout=10) as response:
            assert response.headers["Content-Type"] == "video/mp4"
            assert 1000 < len(response.read()) <= 500_000
    with contextlib.suppress(HTTPError):  # Streamlit answers all addresses that it does not know
        assert "Samples" not in fetch_text(app, "facestream/files/README.md")
