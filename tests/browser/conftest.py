"""The app in one network namespace, Chromium in another, and films for its webcam."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from benchmarks.app_server import AppServer, run_app
from benchmarks.browser import chromium, chromium_path
from benchmarks.fake_camera import write_camera
from benchmarks.netns import TwoHosts
from tests.conftest import require_or_skip

FILM_S = 4.0


@dataclass(frozen=True, slots=True)
class Stage:
    """What a browser test plays on.

    Attributes:
        app: the running app.
        hosts: the two namespaces; None where the app and the browser share the machine's network.
        films: a webcam's film by the number of faces on it.
        playwright: what drives the browsers.
    """

    app: AppServer
    hosts: TwoHosts | None
    films: dict[int, Path]
    playwright: Playwright

    def browser(
        self, *, faces: int | None = 1, allow: bool = True, secure: bool = True
    ) -> AbstractContextManager[Browser]:
        """A browser whose webcam shows so many faces (None: it has no webcam)."""
        return chromium(
            self.playwright,
            camera=None if faces is None else self.films[faces],
            origin=self.app.url,
            prefix=self.hosts.client if self.hosts else (),
            allow=allow,
            secure=secure,
        )


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The app running, for all browser tests."""
    if chromium_path() is None:
        require_or_skip("there is no Chromium: install it or set CHROMIUM")
    folder = tmp_path_factory.mktemp("films")
    films = {n: write_camera(folder / f"{n}.mjpeg", faces=n, seconds=FILM_S) for n in (1, 2)}
    with ExitStack() as stack:
        hosts = None
        if TwoHosts.unavailable_reason() is None:
            hosts = stack.enter_context(TwoHosts())
        elif not _has_address():
            require_or_skip(f"WebRTC has no address to use: {TwoHosts.unavailable_reason()}")
        app = stack.enter_context(
            run_app(
                "stream_app.py",
                host=hosts.address if hosts else "localhost",
                prefix=hosts.server if hosts else (),
                environment={"FACESTREAM_ALLOW_BENCHMARK": "1"},
            )
        )
        playwright = stack.enter_context(sync_playwright())
        yield Stage(app, hosts, films, playwright)


@pytest.fixture(scope="package")
def browser(stage: Stage) -> Iterator[Browser]:
    """A browser whose webcam shows one face."""
    with stage.browser() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_page_outlives_its_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that fails before it closes its page would leave its stream to the next ones."""
    opened = request.getfixturevalue("browser") if "browser" in request.fixturenames else None
    yield
    for context in opened.contexts if opened else ():
        context.close()


def _has_address() -> bool:
    from aioice.ice import get_host_addresses

    return bool(get_host_addresses(use_ipv4=True, use_ipv6=True))
