"""Bearer tokens: hashed at rest, revoked at once, and asked for by the API alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from realtime.config import ConfigError
from realtime.server.tokens import ApiTokens, TokenFile, create_token, read_tokens, revoke_token


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens"


def client(path: Path) -> TestClient:
    async def answer(_request: object) -> PlainTextResponse:
        return PlainTextResponse("answer")

    names = ("/api/v1/analyze", "/api/v1/health", "/")
    return TestClient(
        Starlette(
            routes=[Route(name, answer, methods=["GET", "POST"]) for name in names],
            middleware=[Middleware(ApiTokens, find=TokenFile(path).find)],
        )
    )


def test_a_token_opens_the_api_until_it_is_revoked(path: Path) -> None:
    token = create_token(path, "camera", "viewer")
    other = create_token(path, "other", "operator")
    web = client(path)
    given = {"Authorization": f"Bearer {token}"}
    assert web.post("/api/v1/analyze", headers=given).status_code == 200
    revoke_token(path, "camera")
    assert web.post("/api/v1/analyze", headers=given).status_code == 401
    assert web.post("/api/v1/analyze", headers={"Authorization": f"Bearer {other}"}).is_success


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic {}", "{}"])
def test_other_requests_to_the_api_are_refused(path: Path, header: str | None) -> None:
    token = create_token(path, "camera", "viewer")
    headers = {} if header is None else {"Authorization": header.format(token)}
    refused = client(path).post("/api/v1/analyze", headers=headers)
    assert refused.status_code == 401
    assert "Authorization: Bearer" in refused.json()["error"]["message"]
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_pages_and_the_health_check_need_none(path: Path) -> None:
    create_token(path, "camera", "viewer")
    assert client(path).get("/").text == "answer"
    assert client(path).get("/api/v1/health").text == "answer"


def test_the_file_has_no_token_and_only_its_owner_reads_it(path: Path) -> None:
    token = create_token(path, "camera", "viewer")
    assert token not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    revoke_token(path, "camera")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "new\nline"])
def test_invalid_names_are_refused(path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="Choose a name"):
        create_token(path, name, "viewer")


def test_a_name_is_given_once_and_must_exist_to_be_revoked(path: Path) -> None:
    create_token(path, "camera", "viewer")
    with pytest.raises(ConfigError, match="another name"):
        create_token(path, "camera", "viewer")
    with pytest.raises(ConfigError, match="no token 'x'"):
        revoke_token(path, "x")


@pytest.mark.parametrize("text", ["camera viewer", "camera admin " + "0" * 64, "a viewer xyz"])
def test_a_damaged_file_gets_a_sentence_with_the_line(path: Path, text: str) -> None:
    path.write_text(f"# comment\n\n{text}\n")
    with pytest.raises(ConfigError, match="line 3"):
        read_tokens(path)


def test_damage_while_the_server_runs_keeps_the_tokens_that_were_read(path: Path) -> None:
    token = create_token(path, "camera", "viewer")
    tokens = TokenFile(path)
    path.write_text("damaged")
    assert tokens.find(token) is not None
