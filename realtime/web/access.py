"""Access to the metrics: from this machine, or with the operator's token."""

from __future__ import annotations

import hmac

from flask import Request

from realtime.core.hosts import FORWARDED_HEADERS, is_local
from realtime.web.errors import RequestError

TOKEN_VARIABLE = "FACESTREAM_METRICS_TOKEN"
_MESSAGE = (
    "Read the metrics on the server itself, or send the operator's token in the header "
    "Authorization: Bearer TOKEN."
)


def check_metrics_access(request: Request, *, token: str | None, trusted_proxies: int) -> None:
    """Let a request for the metrics pass.

    Args:
        request: the request, with the client's address as its proxies state it.
        token: the operator's token; None: this machine only.
        trusted_proxies: number of proxies whose statement was believed.

    Raises:
        RequestError: 403 for everyone else.
    """
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    right = token is not None and hmac.compare_digest(given.encode(), token.encode())
    if scheme.lower() == "bearer" and right:
        return
    # A proxy on this machine hands on requests from everywhere.
    passed_on = trusted_proxies == 0 and any(name in request.headers for name in FORWARDED_HEADERS)
    if passed_on or not is_local(request.remote_addr):
        raise RequestError(403, "forbidden", _MESSAGE)
