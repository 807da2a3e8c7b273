"""Reports are one valid HTML file, whatever a file's name is."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np

from realtime.core.arrays import Frame
from realtime.core.faces import FrameResult
from realtime.core.settings import DrawSettings
from realtime.output.crops import encode
from realtime.output.photo_files import AnalysedPhoto
from realtime.output.report import photo_report
from realtime.video.people import Person
from realtime.video.report import video_report
from tests.builders import tracked_faces

NAME = "<script>alert(1)</script>.png"


def text_and_images(report: bytes) -> tuple[str, list[str]]:
    """The report's text and the addresses of its images; nothing else may be loaded or run."""
    text: list[str] = []
    images: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "link", "iframe")
            images.extend(value or "" for key, value in attrs if key == "src")

        def handle_data(self, data: str) -> None:
            text.append(data)

    Parser().feed(report.decode())
    return "".join(text), images


def test_photos_with_their_faces(astronaut: Frame) -> None:
    faces = tracked_faces([1, 2])
    result = FrameResult(faces, (512, 512), 0.0)
    photo = AnalysedPhoto(name=NAME, data=encode(astronaut, ".png"), result=result)
    text, images = text_and_images(photo_report([photo, photo], DrawSettings()))
    assert NAME in text
    assert "512 × 512 px, 2 faces" in text
    assert len(images) == 6  # two annotated photos, two faces on each
    assert all(re.match("data:image/jpeg;base64,", url) for url in images)


def test_a_video_with_its_tracks() -> None:
    people = [
        Person(1, 9, 0.0, 65.0, {"mask": ("without_mask", 0.8)}),
        Person(2, 3, 1.0, 2.0, {}),
    ]
    view = encode(np.zeros((9, 9, 3), np.uint8), ".jpg")
    text, images = text_and_images(video_report(f"{NAME}: 3 s", people, {1: view}))
    assert f"{NAME}: 3 s. 2 tracks." in text
    assert "0:00–1:05" in text
    assert "no mask 80% of the time" in text
    assert len(images) == 1
