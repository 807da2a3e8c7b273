"""Reports of browsers: only from the page of a running stream, bounded, and counted once."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.testclient import TestClient

from realtime.live.delay import expect_reports, parse_report
from realtime.ui.live.delay_route import delay_path, delay_route


class Track(SimpleNamespace):
    __hash__ = object.__hash__  # type: ignore[assignment]


@pytest.fixture
def track() -> Iterator[Track]:
    running = Track(ended=False, stats=lambda: SimpleNamespace(age_p50_ms=10.0))
    expect_reports("token", running)
    return running


def count() -> float:
    return REGISTRY.get_sample_value("facestream_live_delay_seconds_count") or 0.0


def send(body: bytes, token: str = "token") -> int:
    client = TestClient(Starlette(routes=[delay_route()]))
    headers = {"Authorization": f"Bearer {token}"}
    return client.post(delay_path(), content=body, headers=headers).status_code


def test_a_report_is_counted_but_not_a_flood(track: Track) -> None:
    before = count()
    assert [send(b'{"browser_ms": 40, "fps": 30}') for _ in range(5)] == [204] * 5
    assert count() == before + 1


def test_only_the_page_of_a_running_stream_may_report(track: Track) -> None:
    body = b'{"browser_ms": 40, "fps": 30}'
    assert send(body, token="guessed") == 403
    track.ended = True
    assert send(body) == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), (b'{"browser_ms": NaN, "fps": 3}', 400), (b"x" * 2000, 413)],
)
def test_anything_else_is_refused(track: Track, body: bytes, status: int) -> None:
    before = count()
    assert send(body) == status
    assert count() == before


@given(st.binary(max_size=200))
def test_no_body_raises(body: bytes) -> None:
    parse_report(body)
