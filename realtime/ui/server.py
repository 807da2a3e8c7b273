"""The Streamlit server around the pages: its middleware, its start and its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.middleware import Middleware
from streamlit import config, net_util
from streamlit.starlette import App

from realtime.core.hosts import OPEN_NOTICE, is_local
from realtime.ui.headers import SecurityHeaders

MIDDLEWARE = (Middleware(SecurityHeaders),)


@asynccontextmanager
async def lifespan(_app: App) -> AsyncIterator[None]:
    """Prepare the server before its first request."""
    _never_look_up_address()
    if not is_local(config.get_option("server.address")):
        print(OPEN_NOTICE, flush=True)
    yield


def _never_look_up_address() -> None:
    """Keep Streamlit from asking an external site for this server's address.

    It would do so on its event loop, for up to two seconds, whenever a page of another site
    connects, and every live stream would stop meanwhile. That address would only join the allowed
    origins, which `browser.serverAddress` and `server.corsAllowedOrigins` name as well.
    """
    net_util.get_external_ip = lambda: None
