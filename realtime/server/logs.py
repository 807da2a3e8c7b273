"""Structured logs: one JSON object a line, with ids of request and session, and no face data."""

from __future__ import annotations

import json
import logging
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ACCESS = logging.getLogger("facestream.access")
HEADER = "X-Request-ID"
REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
MAX_PATH = 200


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's time (ISO 8601), level, logger, message, ids and error."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request": REQUEST_ID.get(),
            "session": session_id(),
            "error": self.formatException(record.exc_info) if record.exc_info else None,
            **getattr(record, "fields", {}),
        }
        return json.dumps({k: v for k, v in entry.items() if v is not None}, ensure_ascii=False)


def session_id() -> str | None:
    """A name for the session whose page runs in this thread: a hash, which opens nothing."""
    from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

    context = get_script_run_ctx(suppress_warning=True)
    return None if context is None else sha256(context.session_id.encode()).hexdigest()[:12]


def use_json_logs() -> None:
    """Write everything that is logged as JSON to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        if logger.handlers and name.partition(".")[0] in ("streamlit", "uvicorn"):
            logger.handlers.clear()
            logger.propagate = True
    for name in ("aioice", "aiortc", "uvicorn.access"):  # the last one would log each address
        logging.getLogger(name).setLevel(logging.WARNING)


class RequestLog:
    """ASGI middleware: gives each request an id, and logs it when it ends.

    Args:
        app: what answers the requests.
        clock: seconds.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with an id, which its response names."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        identity, start_s, status = token_hex(8), time.perf_counter(), 500
        reset = REQUEST_ID.set(identity)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = identity
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            fields = {
                "method": scope["method"],
                "path": scope["path"][:MAX_PATH],  # without the query, which may hold file names
                "status": status,
                "ms": round((time.perf_counter() - start_s) * 1e3, 1),
            }
            ACCESS.info("request", extra={"fields": fields})
            REQUEST_ID.reset(reset)
