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
from realtime.ui.live.result_socket import results_routes

MIDDLEWARE = (Middleware(SecurityHeaders),)
ROUTES = results_routes()
# After SIGTERM, in this order; service managers kill what takes longer than ten.
RESPONSES_S = 2  # for responses that have begun; uvicorn takes whole seconds
WORK_S = 3.0  # for recordings and video jobs


@asynccontextmanager
async def lifespan(_app: App) -> AsyncIterator[None]:
    """Prepare the server before its first request, and end its work after the last."""
    _never_look_up_address()
    _limit_shutdown()
    if not is_local(config.get_option("server.address")):
        print(OPEN_NOTICE, flush=True)
    yield
    await asyncio.to_thread(stop_background_work, WORK_S)


def _never_look_up_address() -> None:
    """Keep Streamlit from asking an external site for this server's address.

    It would do so on its event loop, for up to two seconds, whenever a page of another site
    connects, and every live stream would stop meanwhile. That address would only join the allowed
    origins, which `browser.serverAddress` and `server.corsAllowedOrigins` name as well.
    """
    net_util.get_external_ip = lambda: None


def _limit_shutdown() -> None:
    """Keep one slow download from holding the server up for ever; Streamlit has no such option."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(server, uvicorn.Server):
        server.config.timeout_graceful_shutdown = RESPONSES_S
