"""The HTML document of every page: Streamlit's own, with our title, address and first styles."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from streamlit import config

PAGES = ("", "photo", "video", "archive", "explore", "benchmarks", "about")
_FILE = Path(streamlit.__file__).parent / "static/index.html"
# Otherwise it first asks for the server below the address of the page, such as /photo/_stcore, and
# the browser reports errors.
_SCRIPT = '<script>window.__streamlit = {{ BACKEND_BASE_URL: location.origin + "{base}" }}</script>'

# Before the first paint, or the page would jump when `realtime.ui.style` arrives.
_STYLE = """<style>
.stApp .stMainBlockContainer { padding-top: 4.5rem; padding-bottom: 2rem; max-width: none }
@media (min-width: 864px) {
  .stApp .stMainBlockContainer { padding-left: 5rem; padding-right: 5rem }
}
.stApp .stMainBlockContainer h1 { font-size: 1.75rem; padding: 0 0 .5rem }
/* The Live page: all keeps its place while its parts arrive. */
.stApp .st-key-live-status { min-height: 2.4rem }
.stApp .st-key-live-source { min-height: 4.4rem }
@media (max-width: 640px) {
  .stApp .st-key-live-status { min-height: 3.25rem }
  .stApp .stColumn:has(.st-key-live-picture) {
    min-height: calc((100vw - 2rem) * .75 + 17.1rem)
  }
}
.stApp .st-key-live-picture { display: block; aspect-ratio: 4 / 3; overflow: hidden }
</style>"""


def base_path() -> str:
    """The path below which the server answers, such as "/app"; empty for the root."""
    base = str(config.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}" if base else ""


@cache
def page_html() -> str:
    """Streamlit's page, which knows the server's address and the app's name from the start."""
    html = _FILE.read_text(encoding="utf-8")
    html = html.replace("<title>Streamlit</title>", "<title>FaceStream</title>")
    return html.replace("<head>", f"<head>{_SCRIPT.format(base=base_path())}{_STYLE}", 1)


def page_routes() -> list[Route]:
    """A route for the address of each page; Streamlit answers all others."""
    return [Route(f"{base_path()}/{name}", _send_page) for name in PAGES]


async def _send_page(_request: Request) -> HTMLResponse:
    return HTMLResponse(page_html(), headers={"Cache-Control": "no-cache"})
