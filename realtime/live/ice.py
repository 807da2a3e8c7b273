"""STUN and TURN servers from the operator's settings; none by default.

None are needed on one machine or in one local network, and a public STUN server would tell a third
party who is watching. Servers with fixed credentials are the setting `ice_servers`, or the secret
of that name in `.streamlit/secrets.toml`. Those of `turn_urls` get short-lived credentials, made
from a secret that the TURN server knows too: what a browser is given soon becomes useless.

Source: A REST API for Access to TURN Services, draft-uberti-behave-turn-rest-00, which coturn
implements as `use-auth-secret`.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from realtime.config import ConfigError, Settings
from realtime.config.settings import IceServer

SECRET = "ice_servers"
_SERVERS = TypeAdapter(tuple[IceServer, ...])


def ice_servers(
    settings: Settings, secrets: Mapping[str, Any] | None = None, *, user: str, now_s: float
) -> list[dict[str, Any]]:
    """The ICE servers for one viewer.

    Args:
        settings: the operator's settings.
        secrets: Streamlit's secrets, read if the settings name no servers.
        user: a name for the viewer, which the TURN server may log.
        now_s: seconds since 1970.

    Returns:
        Servers in the form of `RTCConfiguration.iceServers`.

    Raises:
        ConfigError: the secret is not a list of servers.
    """
    servers = settings.ice_servers or _from_secrets((secrets or {}).get(SECRET, ()))
    found = [{**server.model_dump(exclude_none=True), "urls": [*server.urls]} for server in servers]
    if settings.turn_urls and settings.turn_secret is not None:
        username, credential = turn_credentials(
            settings.turn_secret.get_secret_value(), user, int(now_s) + settings.turn_ttl_s
        )
        turn = {"urls": [*settings.turn_urls], "username": username, "credential": credential}
        found.append(turn)
    return found


def turn_credentials(secret: str, user: str, expires_s: int) -> tuple[str, str]:
    """A user name and a password that a TURN server with the same secret accepts until a time.

    Args:
        secret: the shared secret.
        user: a name for the user.
        expires_s: the time, in seconds since 1970.

    Example:
        >>> turn_credentials("north", "viewer", 1700000000)
        ('1700000000:viewer', '6+yi/bVtfd33MEvbIUAHKkmAKPw=')
    """
    username = f"{expires_s}:{user}"
    digest = hmac.digest(secret.encode(), username.encode(), "sha1")
    return username, base64.b64encode(digest).decode()


def _from_secrets(value: object) -> tuple[IceServer, ...]:
    # Streamlit's own mappings and lists are not those of JSON.
    plain = value
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        plain = [dict(item) if isinstance(item, Mapping) else item for item in value]
    try:
        return _SERVERS.validate_python(plain)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigError(f"The secret {SECRET} must be a list of servers: {reason}.") from None
