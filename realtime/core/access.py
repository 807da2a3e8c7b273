"""Access to the metrics: from this machine, or with the operator's token."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from realtime.core.hosts import FORWARDED_HEADERS, is_local

REFUSAL = (
    "Read the metrics on the server itself, or send the operator's token in the header "
    "Authorization: Bearer TOKEN."
)


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """The token of a request's `Authorization` header; None without one."""
    scheme, _, given = headers.get("Authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" and given.strip() else None


def may_read_metrics(
    address: str | None, headers: Mapping[str, str], *, token: str | None, proxied: bool = False
) -> bool:
    """Whether a request may read the metrics.

    Args:
        address: the client's address, as trusted proxies state it.
        headers: the request's headers, by names in any case.
        token: the operator's token; None: this machine only.
        proxied: whether `address` is what trusted proxies state.

    Example:
        >>> may_read_metrics("127.0.0.1", {}, token=None)
        True
        >>> may_read_metrics("198.51.100.7", {"Authorization": "Bearer key"}, token="key")
        True
    """
    given = bearer_token(headers)
    if token and given and hmac.compare_digest(given.encode(), token.encode()):
        return True
    # A proxy on this machine hands on requests from everywhere.
    passed_on = not proxied and any(name in headers for name in FORWARDED_HEADERS)
    return not passed_on and is_local(address or "0.0.0.0")
