"""STUN and TURN servers from the operator's settings; none unless they are named.

On one machine or one local network none are needed, and to ask a public STUN server would tell a
third party who watches. Across networks name your own, as JSON in the environment:

    FACESTREAM_ICE_SERVERS='[{"urls": "turn:turn.example.org:3478",
                              "username": "me", "credential": "secret"}]'

or as `ice_servers`, of the same form, in `.streamlit/secrets.toml`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from realtime.core.errors import FaceStreamError

VARIABLE = "FACESTREAM_ICE_SERVERS"
SECRET = "ice_servers"
SCHEMES = ("stun:", "stuns:", "turn:", "turns:")


class IceSettingsError(FaceStreamError, ValueError):
    """The operator's ICE servers cannot be read; the message is one sentence that says why."""


def ice_servers(
    environment: Mapping[str, str], secrets: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The servers that the environment names, else those of the secrets, else none.

    Raises:
        IceSettingsError: what is set is not a list of servers.
    """
    text = environment.get(VARIABLE, "").strip()
    if text:
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise IceSettingsError(f"{VARIABLE} is not JSON: {error}.") from error
        return _checked(value, VARIABLE)
    return _checked((secrets or {}).get(SECRET, []), f"the secret {SECRET}")


def _checked(value: object, where: str) -> list[dict[str, Any]]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise IceSettingsError(f"{where} must be a list of servers.")
    servers = []
    for entry in value:
        urls = entry.get("urls") if isinstance(entry, Mapping) else None
        addresses = [urls] if isinstance(urls, str) else urls
        if (
            not isinstance(addresses, Sequence)
            or not addresses
            or not all(
                isinstance(address, str) and address.startswith(SCHEMES) for address in addresses
            )
        ):
            raise IceSettingsError(
                f'Each server of {where} needs "urls" that begin with {", ".join(SCHEMES)}.'
            )
        servers.append({**entry, "urls": list(addresses)})
    return servers
