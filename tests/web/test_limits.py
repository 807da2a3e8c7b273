"""Limits by pictures and pixels, the client's address behind proxies, and who reads the metrics."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.web.app import create_app
from realtime.web.budget import Budget
from realtime.web.errors import RequestError
from realtime.web.photo_service import PhotoService
from tests.web.conftest import Form
from tests.web.test_api import ANALYZE, error_message

RATE = "1000000 per minute"
CLIENT = "198.51.100.7"
TOKEN = "a long secret"


def test_pictures_of_one_client_are_limited(service: PhotoService, form: Form) -> None:
    client = create_app(service, rate=RATE, budget=Budget(pictures=3)).test_client()
    two = ("none.webp", "none.webp")
    assert client.post(ANALYZE, data=form(*two)).status_code == 200
    refused = client.post(ANALYZE, data=form(*two))
    assert "3 pictures" in error_message(refused, 429, "too_many_pictures")
    assert int(refused.headers["Retry-After"]) > 0
    # A refused request costs nothing; other clients are not affected.
    assert client.post(ANALYZE, data=form("none.webp")).status_code == 200
    assert client.post("/gender", data=form("none.webp")).status_code == 429
    other = {"REMOTE_ADDR": CLIENT}
    assert client.post(ANALYZE, data=form(*two), environ_base=other).status_code == 200


def test_pixels_of_one_client_are_limited_before_any_is_decoded(
    service: PhotoService, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_app(service, rate=RATE, budget=Budget(megapixels=1)).test_client()
    assert client.post(ANALYZE, data=form("two.png")).status_code == 200  # 0.52 megapixels
    decoded: list[bytes] = []
    monkeypatch.setattr("realtime.web.uploads.decode_picture", decoded.append)
    refused = client.post(ANALYZE, data=form("none.webp", "two.png"))
    assert "1 megapixels" in error_message(refused, 429, "too_many_pictures")
    assert decoded == []


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 40_000_000)), max_size=30))
def test_a_client_never_gets_more_than_its_budget(requests: list[tuple[int, int]]) -> None:
    budget = Budget(pictures=20, megapixels=100)
    passed = []
    for pictures, pixels in requests:
        try:
            budget.charge("one", pictures=pictures, pixels=pixels)
        except RequestError:
            continue
        passed.append((pictures, pixels))
    assert sum(pictures for pictures, _ in passed) <= 20
    assert sum(pixels for _, pixels in passed) <= 100_000_000


@pytest.mark.parametrize(("proxies", "second"), [(0, 429), (1, 200)])
def test_forwarded_addresses_count_only_behind_stated_proxies(
    service: PhotoService, form: Form, proxies: int, second: int
) -> None:
    app = create_app(service, rate=RATE, budget=Budget(pictures=1), trusted_proxies=proxies)
    client = app.test_client()
    statuses = [
        client.post(
            ANALYZE, data=form("none.webp"), headers={"X-Forwarded-For": f"203.0.113.9, {address}"}
        ).status_code
        for address in (CLIENT, "198.51.100.8")
    ]
    assert statuses == [200, second]


def test_only_the_last_stated_address_is_believed(service: PhotoService, form: Form) -> None:
    app = create_app(service, rate=RATE, budget=Budget(pictures=1), trusted_proxies=1)
    statuses = [
        app.test_client()
        .post(ANALYZE, data=form("none.webp"), headers={"X-Forwarded-For": f"{claimed}, {CLIENT}"})
        .status_code
        for claimed in ("203.0.113.1", "203.0.113.2")
    ]
    assert statuses == [200, 429]


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        (CLIENT, {}, 403),
        (CLIENT, {"Authorization": f"Bearer {TOKEN}"}, 200),
        (CLIENT, {"Authorization": "Bearer wrong"}, 403),
        (CLIENT, {"Authorization": f"Basic {TOKEN}"}, 403),
        # A proxy on this machine hands on a request from elsewhere.
        ("127.0.0.1", {"X-Forwarded-For": CLIENT}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
    ],
)
def test_metrics_are_for_this_machine_or_the_token(
    service: PhotoService, address: str, headers: dict[str, str], status: int
) -> None:
    client = create_app(service, rate=RATE, metrics_token=TOKEN).test_client()
    response = client.get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=headers)
    assert response.status_code == status


def test_without_a_token_no_token_is_right(service: PhotoService) -> None:
    client = create_app(service, rate=RATE).test_client()
    for given_token in ("", "None"):
        headers = {"Authorization": f"Bearer {given_token}"}
        response = client.get("/metrics", environ_base={"REMOTE_ADDR": CLIENT}, headers=headers)
        assert response.status_code == 403


@pytest.mark.parametrize("path", ["/", "/api/v1/health", "/nothing", "/static/site.css"])
def test_no_other_site_may_embed_a_page(service: PhotoService, path: str) -> None:
    policy = create_app(service).test_client().get(path).headers["Content-Security-Policy"]
    for directive in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert directive in policy
