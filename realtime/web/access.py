"""The metrics' access rule as an error of the web pages."""

from __future__ import annotations

from flask import Request

from realtime.core.access import REFUSAL, may_read_metrics
from realtime.web.errors import RequestError


def check_metrics_access(request: Request, *, token: str | None, trusted_proxies: int) -> None:
    """Let a request for the metrics pass.

    Args:
        request: the request, with the client's address as its proxies state it.
        token: the operator's token; None: this machine only.
        trusted_proxies: number of proxies whose statement was believed.

    Raises:
        RequestError: 403 for everyone else.
    """
    proxied = trusted_proxies > 0
    if not may_read_metrics(request.remote_addr, request.headers, token=token, proxied=proxied):  # type: ignore[arg-type]
        raise RequestError(403, "forbidden", REFUSAL)
