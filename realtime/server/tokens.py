"""Bearer tokens of the API: random, hashed at rest, each with a name and a role.

The file has one line for each token: name, role and the token's SHA-256, with spaces between. A
token has 256 random bits, so that its hash needs no salt and no slow function.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from realtime.config import ConfigError
from realtime.core.access import bearer_token

ROLES = ("viewer", "operator")
NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
MAX_FILE_BYTES = 1024**2
PROTECTED = "/api/"
OPEN_PATHS = ("/api/v1/health",)
REFUSAL = "Send a valid token in the header Authorization: Bearer TOKEN."


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One line of the file.

    Attributes:
        name: who holds it.
        role: "viewer" or "operator".
        digest: the token's SHA-256, in hexadecimal digits.
    """

    name: str
    role: str
    digest: str


def create_token(path: Path, name: str, role: str) -> str:
    """Add a token to the file, which only its owner can read, and return it: it is shown only once.

    Raises:
        ConfigError: the name is taken or invalid, or the file cannot be written.
    """
    if not NAME.fullmatch(name):
        raise ConfigError("Choose a name of letters, digits and . _ @ - for the token.")
    if path.exists() and any(token.name == name for token in read_tokens(path)):
        raise ConfigError(f"There is a token {name!r} already: choose another name.")
    token = secrets.token_urlsafe(32)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
            file.write(f"{name} {role} {sha256(token.encode()).hexdigest()}\n")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}).") from None
    return token


def revoke_token(path: Path, name: str) -> None:
    """Remove a token from the file; it is refused from the next request on.

    Raises:
        ConfigError: there is none of this name, or the file cannot be changed.
    """
    kept = [token for token in read_tokens(path) if token.name != name]
    if len(kept) == len(read_tokens(path)):
        raise ConfigError(f"There is no token {name!r} in {path}.")
    temporary = path.with_name(f"{path.name}.new")
    try:
        temporary.touch(0o600)
        temporary.write_text("".join(f"{t.name} {t.role} {t.digest}\n" for t in kept))
        temporary.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}).") from None


def read_tokens(path: Path) -> list[Token]:
    """All tokens of the file.

    Raises:
        ConfigError: the file cannot be read, or a line is not one of a token.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_FILE_BYTES).decode("ascii")
    except OSError as error:
        raise ConfigError(f"The file of tokens {path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not a file of tokens.") from None
    tokens = []
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split()
        if not parts or line.startswith("#"):
            continue
        if len(parts) != 3 or parts[1] not in ROLES or not re.fullmatch("[0-9a-f]{64}", parts[2]):
            raise ConfigError(f"{path}, line {number}: expected a name, a role and a SHA-256.")
        tokens.append(Token(name=parts[0], role=parts[1], digest=parts[2]))
    return tokens


class TokenFile:
    """The tokens of a file, read again when it changes.

    Raises:
        ConfigError: it cannot be read; later on, what was read before stays valid.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tokens = read_tokens(path)
        self._version = self._stamp()

    def find(self, given: str) -> Token | None:
        """The token that equals `given`; None if there is none."""
        if (version := self._stamp()) != self._version:
            self._version, self._tokens = version, self._read_again()
        digest = sha256(given.encode()).hexdigest()
        found = [token for token in self._tokens if hmac.compare_digest(token.digest, digest)]
        return found[0] if found else None

    def _stamp(self) -> tuple[int, int]:
        try:
            stat = self._path.stat()
        except OSError:
            return (0, 0)
        return stat.st_mtime_ns, stat.st_size

    def _read_again(self) -> list[Token]:
        try:
            return read_tokens(self._path)
        except ConfigError:
            return self._tokens


class ApiTokens:
    """ASGI middleware: lets only holders of a token use the API.

    Args:
        app: what answers the requests.
        find: returns the token that was given, or None.
    """

    def __init__(self, app: ASGIApp, *, find: Callable[[str], Token | None]) -> None:
        self._app, self._find = app, find

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 401."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith(PROTECTED) and path not in OPEN_PATHS:
            given = bearer_token(Headers(scope=scope))
            if given is None or self._find(given) is None:
                error = {"code": "unauthorized", "message": REFUSAL}
                response = JSONResponse({"error": error}, 401, {"WWW-Authenticate": "Bearer"})
                return await response(scope, receive, send)
        await self._app(scope, receive, send)
