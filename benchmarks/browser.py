"""A real Chromium with a fake webcam, driven by Playwright, that reads frame numbers."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Frame, Page, Playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
HOOK = (Path(__file__).parent / "frame_numbers.js").read_text()


def chromium_path() -> str | None:
    """Chromium's path: $CHROMIUM, or what the search path offers; None where there is none."""
    return (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )


@contextmanager
def chromium(
    playwright: Playwright,
    *,
    camera: Path | None,
    origin: str = "",
    prefix: Sequence[str] = (),
    allow: bool = True,
    secure: bool = True,
) -> Iterator[Browser]:
    """A browser.

    Args:
        playwright: what drives it; there can be one at a time.
        camera: the film its webcam plays; None for no webcam.
        origin: the server, which counts as secure if `secure`, as https would.
        prefix: what to put before its command, see `benchmarks.netns`.
        allow: whether its user lets pages use the webcam.
        secure: see `origin`.
    """
    path = chromium_path()
    if path is None:
        raise FileNotFoundError("There is no Chromium: install it or set CHROMIUM.")
    flags = list(FLAGS)
    if camera is not None:
        flags += ["--use-fake-device-for-media-stream",
                  f"--use-file-for-fake-video-capture={camera}"]  # fmt: skip
    # The fake prompt answers yes; headless Chromium without it answers no.
    if allow:
        flags.append("--use-fake-ui-for-media-stream")
    if secure and origin:
        flags.append(f"--unsafely-treat-insecure-origin-as-secure={origin}")
    with tempfile.TemporaryDirectory() as folder:
        command = Path(folder) / "chromium"
        command.write_text(f'#!/bin/sh\nexec {shlex.join([*prefix, path])} "$@"\n')
        command.chmod(0o755)
        browser = playwright.chromium.launch(
            executable_path=str(command), headless=True, args=flags
        )
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Browser, *, width: int = 1280, height: int = 900, hook: bool = True) -> Page:
    """A page in a profile of its own; with `hook` it notes the number of each frame it shows."""
    context = browser.new_context(viewport={"width": width, "height": height})
    if hook:
        context.add_init_script(HOOK)
    return context.new_page()


def stream_frame(page: Page, *, timeout_s: float = 30) -> Frame:
    """The frame in which streamlit-webrtc shows the picture, once its Start can be pressed."""
    handle = page.wait_for_selector('iframe[title*="webrtc"]', timeout=timeout_s * 1e3)
    frame = handle.content_frame() if handle else None
    if frame is None:
        raise RuntimeError("the stream has no frame")
    frame.get_by_role("button", name="Start").wait_for(timeout=timeout_s * 1e3)
    return frame


def wait_for_frames(frame: Frame, count: int, *, timeout_s: float = 30) -> None:
    """Wait until the page has shown `count` frames that came back."""
    frame.wait_for_function(f"window.__remote.length >= {count}", timeout=timeout_s * 1e3)


def clear_frames(frame: Frame) -> None:
    """Forget the frames noted until now."""
    frame.evaluate("window.__local.length = 0; window.__remote.length = 0")


def noted_frames(frame: Frame) -> tuple[list[list[float]], list[list[float]]]:
    """Camera's frames and frames that came back, each (milliseconds, number or -1)."""
    local, remote = frame.evaluate("[window.__local, window.__remote]")
    return local, remote


def browser_shares(frame: Frame) -> dict[str, float]:
    """Sums of what the browser spent since the start: encoding, waiting to show, decoding."""
    found = frame.evaluate("window.__shares()")
    return {name: float(value) for name, value in found.items()}


def remote_picture(frame: Frame) -> Any:
    """The picture shown now, as the data URL of a PNG."""
    return frame.evaluate(
        """() => { const v = document.querySelector('video');
        const c = document.createElement('canvas');
        c.width = v.videoWidth; c.height = v.videoHeight;
        c.getContext('2d').drawImage(v, 0, 0); return c.toDataURL('image/png'); }"""
    )
