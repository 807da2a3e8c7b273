"""All that the server offers besides the pages: routes, middleware, and its start and end."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from streamlit.starlette import App

from realtime.config import ConfigError, Settings, settings
from realtime.server.api import api_route
from realtime.server.health import Readiness
from realtime.server.logs import RequestLog, use_json_logs
from realtime.server.metrics import metrics_route
from realtime.server.tokens import ApiTokens, TokenFile
from realtime.server.worker_cookie import WorkerCookie
from realtime.ui import server
from realtime.ui.files import file_routes
from realtime.ui.live.delay_route import delay_route
from realtime.ui.live.result_socket import results_routes
from realtime.ui.page_html import page_routes


@cache
def readiness() -> Readiness:
    """What this server's `/readyz` reports."""
    return Readiness()


def server_options() -> dict[str, Any]:
    """Routes, middleware and lifespan for `streamlit.starlette.App`.

    Ends the process with one sentence if the settings are invalid.
    """
    try:
        middleware = _middleware(settings())
    except ConfigError as error:
        sys.exit(str(error))
    return {"routes": _routes(), "middleware": middleware, "lifespan": lifespan}


def _routes() -> list[BaseRoute]:
    pages = [*page_routes(), *file_routes(), *results_routes(), delay_route()]
    return [*pages, *readiness().routes(), metrics_route(), api_route()]


def _middleware(configured: Settings) -> list[Middleware]:
    middleware = [*server.MIDDLEWARE]
    if configured.log_format == "json":
        use_json_logs()
        middleware.insert(0, Middleware(RequestLog))
    if configured.worker_name is not None:
        middleware.append(Middleware(WorkerCookie, name=configured.worker_name))
    if configured.api_tokens is not None:
        middleware.append(Middleware(ApiTokens, find=TokenFile(configured.api_tokens).find))
    return middleware


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    """Prepare the server before its first request, and end its work after the last."""
    async with server.lifespan(app):
        loading = asyncio.create_task(readiness().check_networks())
        yield
        readiness().draining = True
        loading.cancel()
