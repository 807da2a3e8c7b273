"""Files that the pages show and the server serves as they are: the sample videos."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from realtime.core.installed import PACKAGE
from realtime.ui.page_html import base_path

SAMPLE_VIDEO, SAMPLE_RESULT = "live.mp4", "live-result.mp4"
_PATH = "facestream/files"
_MAX_AGE_S = 3600


def file_path(name: str) -> str:
    """The path on this server of `SAMPLE_VIDEO` or `SAMPLE_RESULT`."""
    return f"{base_path()}/{_PATH}/{name}"


def file_routes() -> list[Route]:
    """A route for each file, and for nothing else in their folder."""
    return [Route(file_path(name), _send(name)) for name in (SAMPLE_VIDEO, SAMPLE_RESULT)]


def _send(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def send(_request: Request) -> Response:
        headers = {"Cache-Control": f"public, max-age={_MAX_AGE_S}"}
        return FileResponse(PACKAGE / "samples" / name, headers=headers)

    return send
