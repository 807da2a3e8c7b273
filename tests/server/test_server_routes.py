"""Health, readiness, metrics and logs of the one server."""

from __future__ import annotations

import json
import logging

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from realtime.config import Settings
from realtime.server import metrics
from realtime.server.health import Readiness
from realtime.server.logs import HEADER, JsonFormatter, RequestLog


async def ready(readiness: Readiness) -> tuple[int, dict[str, str]]:
    response = TestClient(Starlette(routes=readiness.routes())).get("/readyz")
    return response.status_code, response.json()["checks"]


@pytest.mark.anyio
async def test_ready_once_the_networks_work_and_while_there_is_room() -> None:
    full = False
    readiness = Readiness(load=lambda: None, has_room=lambda: not full)
    assert await ready(readiness) == (503, {"networks": "loading", "room": "ok"})
    await readiness.check_networks()
    assert await ready(readiness) == (200, {"networks": "ok", "room": "ok"})
    full = True
    assert await ready(readiness) == (503, {"networks": "ok", "room": "full"})
    full, readiness.draining = False, True
    assert await ready(readiness) == (503, {"networks": "ok", "room": "stopping"})


@pytest.mark.anyio
async def test_a_damaged_network_is_named_and_the_server_stays_alive() -> None:
    def load() -> None:
        raise FileNotFoundError("models/mask/model.tflite is missing.")

    readiness = Readiness(load=load, has_room=lambda: True)
    await readiness.check_networks()
    status, checks = await ready(readiness)
    assert status == 503
    assert checks["networks"] == "models/mask/model.tflite is missing."
    assert TestClient(Starlette(routes=readiness.routes())).get("/healthz").status_code == 200


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def scrape(monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str]) -> int:
    monkeypatch.setattr(metrics, "settings", lambda: Settings(metrics_token="key"))  # type: ignore[arg-type]
    app = Starlette(routes=[metrics.metrics_route()])
    return TestClient(app, client=(address, 1)).get("/metrics", headers=headers).status_code


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("198.51.100.7", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "198.51.100.7"}, 403),
        ("198.51.100.7", {"Authorization": "Bearer key"}, 200),
        ("198.51.100.7", {"Authorization": "Bearer wrong"}, 403),
    ],
)
def test_metrics_are_for_this_machine_and_the_operator(
    monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str], status: int
) -> None:
    assert scrape(monkeypatch, address, headers) == status


def test_each_request_is_logged_with_its_id_and_without_its_query(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def answer(_request: object) -> PlainTextResponse:
        logging.getLogger("realtime").warning("inside")
        return PlainTextResponse("answer")

    app = Starlette(routes=[Route("/page", answer)], middleware=[Middleware(RequestLog)])
    formatter, lines = JsonFormatter(), list[str]()

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(formatter.format(record))

    logger = logging.getLogger()
    handler = Lines()
    logger.addHandler(handler)
    try:
        with caplog.at_level(logging.INFO):
            response = TestClient(app).get("/page?name=secret.jpg")
    finally:
        logger.removeHandler(handler)
    entries = [json.loads(line) for line in lines]
    inside = next(entry for entry in entries if entry["message"] == "inside")
    request = next(entry for entry in entries if entry["message"] == "request")
    assert inside["request"] == request["request"] == response.headers[HEADER]
    assert (request["path"], request["status"]) == ("/page", 200)
    others = [entry for entry in entries if not entry["logger"].startswith("httpx")]  # the client
    assert "secret" not in json.dumps(others)
