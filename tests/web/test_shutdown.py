"""SIGTERM: what has arrived is answered, nothing new is accepted, and it ends in time."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

BODY = 8_000_000  # bytes, more than a socket buffers
SERVER = f"""
import sys, time
from realtime.web.serve import DrainingServer

def app(environ, start_response):
    print("begun", flush=True)
    time.sleep(1)
    start_response("200 OK", [("Content-Length", "{BODY}")])
    return [b"x" * {BODY}]

server = DrainingServer(app, host="127.0.0.1", port=int(sys.argv[1]), threads=2)
print("ready", flush=True)
server.run(drain_s=float(sys.argv[2]))
"""


class Server:
    """The server as a process, on a port of its own."""

    def __init__(self, drain_s: float) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-c", SERVER, str(self.port), str(drain_s)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.expect("ready")

    def expect(self, line: str) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == line

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


def accepts(server: Server) -> bool:
    try:
        server.connect().close()
    except ConnectionError:
        return False
    return True


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(getattr(request, "param", 20))
    yield server
    server.process.kill()
    server.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_has_begun_is_answered_in_full(server: Server, number: int) -> None:
    with server.connect() as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        server.expect("begun")
        server.process.send_signal(number)
        received = b"".join(iter(lambda: client.recv(1 << 20), b""))
    assert received.startswith(b"HTTP/1.0 200 OK")
    assert len(received.partition(b"\r\n\r\n")[2]) == BODY
    assert server.process.wait(30) == 0


def test_nothing_new_is_accepted(server: Server) -> None:
    with server.connect() as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        server.expect("begun")
        server.process.terminate()
        deadline = time.monotonic() + 30
        while accepts(server):
            assert time.monotonic() < deadline, "new connections are still accepted"
        assert client.recv(15).startswith(b"HTTP/1.0 200 OK")


def test_an_idle_server_ends(server: Server) -> None:
    with server.connect():  # a browser keeps connections open
        server.process.terminate()
        assert server.process.wait(15) == 0


@pytest.mark.parametrize("server", [0.5], indirect=True)
def test_an_unfinished_upload_does_not_keep_it_up(server: Server) -> None:
    with server.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nslow")
        server.process.terminate()
        assert server.process.wait(30) == 0
