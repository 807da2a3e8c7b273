"""Names this worker in a cookie, so that a proxy sends the visitor's next requests to it too."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from realtime.core.worker import COOKIE


class WorkerCookie:
    """ASGI middleware: sets the cookie where it is missing or names another worker.

    Args:
        app: what answers the requests.
        name: this worker's name.
    """

    def __init__(self, app: ASGIApp, *, name: str) -> None:
        self._app, self._name = app, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the cookie to its response."""
        if scope["type"] != "http" or HTTPConnection(scope).cookies.get(COOKIE) == self._name:
            return await self._app(scope, receive, send)
        secure = "; Secure" if scope.get("scheme") == "https" else ""

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                cookie = f"{COOKIE}={self._name}; Path=/; HttpOnly; SameSite=Lax{secure}"
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_cookie)
