"""STUN and TURN servers from the operator's settings; none by default.

None are needed on one machine or in one local network, and a public STUN server would tell a third
party who is watching. To stream across networks, name your own servers as JSON in the environment:

    FACESTREAM_ICE_SERVERS='[{"urls": "turn:turn.example.org:3478",
                              "username": "me", "credential": "secret"}]'

or as `ice_servers`, in the same form, in `.streamlit/secrets.toml`.
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
    """Invalid ICE server settings; the message is one sentence that says what is wrong."""


def ice_servers(
    environment: Mapping[str, str], secrets: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Read the ICE servers from the environment or, if it names none, from the secrets.

    Args:
        environment: environment variables.
        secrets: Streamlit's secrets.

    Returns:
        Servers in the form of `RTCConfiguration.iceServers`.

    Raises:
        IceSettingsError: the value is not a list of servers.
    """
    text = environment.get(VARIABLE, "").strip()
    if text:
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise IceSettingsError(f"{VARIABLE} is not valid JSON: {error}.") from error
        return _validated(value, VARIABLE)
    return _validated((secrets or {}).get(SECRET, []), f"the secret {SECRET}")


def _validated(value: object, source: str) -> list[dict[str, Any]]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise IceSettingsError(f"{source} must be a list of servers.")
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
                f'Each server in {source} needs "urls" starting with {", ".join(SCHEMES)}.'
            )
        servers.append({**entry, "urls": list(addresses)})
    return servers
