"""The address of an MQTT broker."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from realtime.events.sinks.types import SinkError

PASSWORD_VARIABLE = "FACESTREAM_MQTT_PASSWORD"
DEFAULT_PREFIX = "facestream"
PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where an MQTT broker is, and what to say to it.

    Attributes:
        host, port: where it listens.
        user, password: for the login; None for none.
        secure: whether the connection is encrypted.
        prefix: the topic below which everything is published.
    """

    host: str
    port: int
    user: str | None
    password: str | None
    secure: bool
    prefix: str

    def tls_context(self) -> ssl.SSLContext | None:
        """What verifies the broker's certificate; None without encryption."""
        return ssl.create_default_context() if self.secure else None


def read_broker(address: str, environ: Mapping[str, str]) -> Broker:
    """Read an address such as "mqtt://me@broker:1883/home/cameras".

    Args:
        address: mqtt or mqtts, user, host, port and prefix; only the host must be there.
        environ: environment variables, with the password.

    Raises:
        SinkError: it is invalid, or contains a password.

    Example:
        >>> read_broker("mqtt://broker", {}).port
        1883
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise SinkError(f"The MQTT address is invalid: {error}.") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise SinkError("An MQTT address must begin with mqtt:// or mqtts:// and a host.")
    if parts.password is not None:
        raise SinkError(
            f"An MQTT address must not contain a password, which other users of this machine could "
            f"see: set {PASSWORD_VARIABLE}."
        )
    prefix = unquote(parts.path).strip("/") or DEFAULT_PREFIX
    if (
        not prefix.isprintable()
        or any(c in prefix for c in "+#")
        or "#" in address
        or "?" in address
    ):
        raise SinkError("The topic of an MQTT address must not contain + # or ?.")
    return Broker(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=None if parts.username is None else unquote(parts.username),
        password=environ.get(PASSWORD_VARIABLE) or None,
        secure=parts.scheme == "mqtts",
        prefix=prefix,
    )
