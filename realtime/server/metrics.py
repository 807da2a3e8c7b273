"""`/metrics`: what the live streams, the API and the process report, in Prometheus' format."""

from __future__ import annotations

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from realtime.config import settings
from realtime.core.access import REFUSAL, may_read_metrics

PATH = "/metrics"


def metrics_route() -> Route:
    """The route, for this machine and for holders of the operator's token."""
    return Route(PATH, _metrics)


async def _metrics(request: Request) -> Response:
    configured = settings()
    token = configured.metrics_token
    allowed = may_read_metrics(
        request.client.host if request.client else None,
        request.headers,
        token=token.get_secret_value() if token else None,
        proxied=configured.trusted_proxies > 0,
    )
    if not allowed:
        return JSONResponse({"error": {"code": "forbidden", "message": REFUSAL}}, 403)
    text = await asyncio.to_thread(generate_latest, REGISTRY)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
