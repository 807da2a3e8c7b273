"""Take the pictures of the docs from the running app: `python -m benchmarks.screenshots`.

A real Chromium presses "Try a sample", so that they show the two portraits of `realtime/samples`.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.app_server import STREAM_APP, run_app
from benchmarks.browser import chromium, stream_frame
from benchmarks.fake_camera import write_camera
from realtime.core.installed import ROOT

DOCS = ROOT / "docs"
WALK = DOCS / "walk"
WIDE, TALL, PHONE = (1280, 860), (1280, 1290), (390, 844)
Theme = Literal["light", "dark"]
WAIT_MS = 60_000
SETTLE_MS = 2500
GIF_WIDTH_PX, GIF_COLOURS, GIF_FRAMES, GIF_MS = 720, 96, 34, 200
MAX_GIF_BYTES = 3_000_000


@contextmanager
def opened(browser: Browser, url: str, size_wh: tuple[int, int], theme: Theme) -> Iterator[Page]:
    """The page in a window of that size."""
    width, height = size_wh
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(url)
    page.get_by_role("heading", level=1).wait_for()
    yield page
    context.close()


def start_sample(page: Page) -> None:
    """Run the sample until both faces are labelled."""
    stream_frame(page)
    page.get_by_role("button", name="Try a sample").click()
    page.locator('[data-faces="2"]').wait_for(state="attached")
    page.wait_for_timeout(SETTLE_MS)


def shot(page: Page) -> Image.Image:
    """What the window shows."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def save_walk(page: Page, name: str) -> None:
    """Save what the window shows for docs/walk.md."""
    shot(page).save(WALK / f"{name}.webp", quality=80, method=6)


def take_walk(browser: Browser, url: str) -> None:
    """A stranger's walk, in both sizes and themes."""
    WALK.mkdir(exist_ok=True)
    for theme in ("light", "dark"):
        for size_wh, name in ((WIDE, "wide"), (PHONE, "phone")):
            with opened(browser, url, size_wh, theme) as page:
                stream_frame(page)
                page.wait_for_timeout(SETTLE_MS)
                save_walk(page, f"first-{name}-{theme}")
                start_sample(page)
                save_walk(page, f"running-{name}-{theme}")
                if name == "wide":
                    page.get_by_role("radio", name="Mask check").click()
                    page.get_by_role("tab", name="Settings").click()
                    page.wait_for_timeout(SETTLE_MS)
                    save_walk(page, f"settings-{name}-{theme}")


def take_phones(browser: Browser, url: str) -> None:
    """Live, Photos and Video files on a phone, side by side."""
    pictures = []
    with opened(browser, url, PHONE, "light") as page:
        start_sample(page)
        pictures.append(shot(page))
    for path, button, ready in (
        ("photo", "Try sample photos", "1 face"),
        ("video", "Try a sample video", "Face 1"),
    ):
        with opened(browser, f"{url}/{path}", PHONE, "light") as page:
            page.get_by_role("button", name=button).click()
            page.get_by_role("heading", name=ready).first.wait_for()
            page.wait_for_timeout(SETTLE_MS)
            pictures.append(shot(page))
    gap, (width, height) = 20, PHONE
    row = Image.new("RGB", (3 * width + 2 * gap, height), "white")
    for i, picture in enumerate(pictures):
        row.paste(picture, (i * (width + gap), 0))
    row.quantize(192).save(DOCS / "phone.png", optimize=True)


def take_explore(browser: Browser, url: str) -> None:
    """The model card of the emotion network, down to its confusion matrix."""
    with opened(browser, f"{url}/explore", TALL, "light") as page:
        page.get_by_text("Confusion matrix", exact=True).first.wait_for()
        page.wait_for_timeout(SETTLE_MS)
        shot(page).quantize(192).save(DOCS / "explore.png", optimize=True)


def take_gif(browser: Browser, url: str) -> None:
    """The first seconds of a visit as a moving picture.

    Raises:
        RuntimeError: the file is larger than a README should load.
    """
    frames: list[Image.Image] = []
    with opened(browser, url, WIDE, "light") as page:
        stream_frame(page)
        page.wait_for_timeout(SETTLE_MS)
        start = time.monotonic()
        while len(frames) < GIF_FRAMES:
            if len(frames) == 5:
                page.get_by_role("button", name="Try a sample").click()
            frames.append(shot(page))
            page.wait_for_timeout(max(0, GIF_MS * len(frames) - (time.monotonic() - start) * 1e3))
    width, height = frames[0].size
    size_wh = (GIF_WIDTH_PX, GIF_WIDTH_PX * height // width)
    # One palette for all, or colours would flicker.
    palette = frames[-1].resize(size_wh).quantize(GIF_COLOURS)
    small = [
        f.resize(size_wh, Image.Resampling.LANCZOS).quantize(
            palette=palette, dither=Image.Dither.NONE
        )
        for f in frames
    ]
    path = DOCS / "live.gif"
    small[0].save(
        path, save_all=True, append_images=small[1:], duration=GIF_MS, loop=0, optimize=True
    )
    if path.stat().st_size > MAX_GIF_BYTES:
        raise RuntimeError(f"{path} has {path.stat().st_size} bytes")


def sizes(paths: Iterator[Path]) -> str:
    """Names and sizes of files."""
    return ", ".join(f"{p.relative_to(ROOT)} {p.stat().st_size // 1000} kB" for p in sorted(paths))


def main() -> None:
    """Take all pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        run_app(STREAM_APP) as app,
        sync_playwright() as playwright,
        # It is not used, but the page says so if there is none.
        chromium(
            playwright,
            camera=write_camera(Path(folder) / "camera.mjpeg", faces=1, seconds=1),
            origin=app.url,
        ) as browser,
    ):
        take_gif(browser, app.url)
        take_walk(browser, app.url)
        take_phones(browser, app.url)
        take_explore(browser, app.url)
    print(sizes(iter([DOCS / n for n in ("live.gif", "phone.png", "explore.png")])))
    print(sizes(WALK.glob("*.webp")))


if __name__ == "__main__":
    main()
