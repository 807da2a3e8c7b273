"""The Streamlit server around the pages: its middleware, its start and its end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.middleware import Middleware
from streamlit import config, net_util
from streamlit.starlette import App

from realtime.core.hosts import OPEN_NOTICE, is_local
from realtime.core.shutdown import stop_background_work
from realtime.ui.headers import SecurityHeaders
from realtime.ui.preload import preload
from realtime.ui.upload_memory import receive_in_memory
from realtime.ui.upload_pace import UploadPace

MIDDLEWARE = (Middleware(SecurityHeaders), Middleware(UploadPace))
# After SIGTERM, in this order; service managers kill what takes longer than ten.
RESPONSES_S = 2  # for responses that have begun; uvicorn takes whole seconds
WORK_S = 3.0  # for recordings and video jobs


@asynccontextmanager
async def lifespan(_app: App) -> AsyncIterator[None]:
    """Prepare the server before its first request, and end its work after the last."""
    _never_look_up_address()
    _limit_shutdown()
    receive_in_memory()
    preload()
    if not is_local(config.get_option("server.address")):
        print(OPEN_NOTICE, flush=True)
    yield
    await asyncio.to_thread(stop_background_work, WORK_S)
    _end_with_success()


def _never_look_up_address() -> None:
    """Keep Streamlit from asking an external site for this server's address.

    It would do so on its event loop, for up to two seconds, whenever a page of another site
    connects, and every live stream would stop meanwhile. That address would only join the allowed
    origins, which `browser.serverAddress` and `server.corsAllowedOrigins` name as well.
    """
    net_util.get_external_ip = lambda: None


def _limit_shutdown() -> None:
    """Keep one slow download from holding the server up for ever; Streamlit has no such option."""
    server = _server()
    if server is not None:
        server.config.timeout_graceful_shutdown = RESPONSES_S


def _end_with_success() -> None:
    """Exit with 0 after SIGTERM; uvicorn would raise the signal again once it has shut down."""
    server = _server()
    if server is not None:
        server._captured_signals = [s for s in server._captured_signals if s != signal.SIGTERM]


def _server() -> uvicorn.Server | None:
    """The running server, which handles the signal; there is no public way to it."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return server if isinstance(server, uvicorn.Server) else None
