"""The app in one network namespace, Chromium in another, and videos for its fake webcam."""

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

CAMERA_S = 4.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Fixtures of a browser test.

    Attributes:
        app: the running app.
        hosts: the two namespaces; None if app and browser share the machine's network.
        cameras: videos for the fake webcam, by number of faces.
        playwright: the Playwright instance.
    """

    app: AppServer
    hosts: TwoHosts | None
    cameras: dict[int, Path]
    playwright: Playwright

    def browser(
        self, *, faces: int | None = 1, allow: bool = True, secure: bool = True
    ) -> AbstractContextManager[Browser]:
        """Start a browser whose webcam shows this number of faces; None for no webcam."""
        return chromium(
            self.playwright,
            camera=None if faces is None else self.cameras[faces],
            origin=self.app.url,
            prefix=self.hosts.client if self.hosts else (),
            allow=allow,
            secure=secure,
        )


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The running app, shared by all browser tests."""
    if chromium_path() is None:
        require_or_skip("Chromium was not found: install it or set CHROMIUM")
    folder = tmp_path_factory.mktemp("cameras")
    cameras = {n: write_camera(folder / f"{n}.mjpeg", faces=n, seconds=CAMERA_S) for n in (1, 2)}
    with ExitStack() as stack:
        hosts = None
        if TwoHosts.unavailable_reason() is None:
            hosts = stack.enter_context(TwoHosts())
        elif not _has_address():
            require_or_skip(f"WebRTC needs a network address: {TwoHosts.unavailable_reason()}")
        app = stack.enter_context(
            run_app(
                "stream_app.py",
                host=hosts.address if hosts else "localhost",
                prefix=hosts.server if hosts else (),
                environment={"FACESTREAM_ALLOW_BENCHMARK": "1"},
            )
        )
        playwright = stack.enter_context(sync_playwright())
        yield Stage(app, hosts, cameras, playwright)


@pytest.fixture(scope="package")
def browser(stage: Stage) -> Iterator[Browser]:
    """A browser whose webcam shows one face."""
    with stage.browser() as opened:
        yield opened


@pytest.fixture(autouse=True)
def close_pages(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close the pages of failed tests, whose streams would disturb the following tests."""
    opened = request.getfixturevalue("browser") if "browser" in request.fixturenames else None
    yield
    for context in opened.contexts if opened else ():
        context.close()


def _has_address() -> bool:
    from aioice.ice import get_host_addresses

    return bool(get_host_addresses(use_ipv4=True, use_ipv6=True))
