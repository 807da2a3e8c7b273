"""The JSON API of `realtime.web` on the same server as the pages."""

from __future__ import annotations

import asyncio
from typing import Any

from prometheus_client import REGISTRY
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from realtime.core.extras import missing_module

PATH = "/api/{path:path}"
WORKERS = 4  # concurrent requests; all share the same networks
UNAVAILABLE = "The API is not installed here."


def api_route() -> Route:
    """The route; the API's networks are loaded at its first request."""
    return Route(PATH, Api(), methods=None, include_in_schema=False)


class Api:
    """The Flask application as an ASGI one, created when it is first called.

    Attributes:
        loaded: whether it has been.
    """

    def __init__(self) -> None:
        self._app: Any = None
        self._problem: str | None = None
        self._lock: asyncio.Lock | None = None

    @property
    def loaded(self) -> bool:
        """Whether the application has been created."""
        return self._app is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; 501 with a sentence where the extra `web` is not installed."""
        if self._lock is None:
            self._lock = asyncio.Lock()
        async with self._lock:
            if self._app is None and self._problem is None:
                await asyncio.to_thread(self._load)
        if self._app is None:
            error = {"code": "not_installed", "message": f"{UNAVAILABLE} {self._problem}"}
            return await JSONResponse({"error": error}, 501)(scope, receive, send)
        await self._app(scope, receive, send)

    def _load(self) -> None:
        try:
            from a2wsgi import WSGIMiddleware

            from realtime.web.app import create_app
            from realtime.web.photo_service import PhotoService
        except ModuleNotFoundError as error:
            self._problem = missing_module(error, "web")
            return
        # The server in front has put the client's address in place of its proxies'.
        app: Any = create_app(PhotoService(), registry=REGISTRY)
        self._app = WSGIMiddleware(app, workers=WORKERS)
