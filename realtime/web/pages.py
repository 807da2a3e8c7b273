"""The pages: Home, Gender and About."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

import numpy as np
from flask import Blueprint, Flask, render_template, request

from realtime.attribute.registry import GENDER
from realtime.core.arrays import F32, Frame
from realtime.core.installed import app_file
from realtime.core.settings import DrawSettings
from realtime.media.resize import within
from realtime.output.crops import encode, face_crop, numbered
from realtime.render.captions import caption
from realtime.render.draw import draw_result
from realtime.web.errors import RequestError
from realtime.web.metrics import Metrics
from realtime.web.paragraphs import paragraphs
from realtime.web.photo_service import MOST_FACES, Analyst, GenderLook
from realtime.web.uploads import read_pictures

ABOUT = app_file("docs/about.md")
WIDEST_PX = 1280  # of the picture shown
STRONGEST = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it stands for, its length from 0 to 100, and its number as text."""

    name: str
    length: float
    text: str
    top: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One face as the page shows it; pictures are data URLs."""

    number: int
    label: str
    crop: str
    gray: str
    rebuilt: str
    svm: list[Bar]
    network: list[Bar]
    weights: list[Bar]


def pages(analyst: Analyst, metrics: Metrics) -> Blueprint:
    """The routes of the pages."""
    blueprint = Blueprint("pages", __name__)
    about = paragraphs(ABOUT.read_text(encoding="utf-8"))

    @blueprint.get("/")
    def home() -> str:
        return render_template("home.html", title="FaceStream")

    @blueprint.get("/about")
    def about_page() -> str:
        return render_template("about.html", title="About", blocks=about)

    @blueprint.get("/gender")
    def gender() -> str:
        return render_template("gender.html", title="Gender", most=MOST_FACES)

    @blueprint.post("/gender")
    def read_gender() -> str | tuple[str, int]:
        """The page with what was found, or with what is wrong with the upload."""
        try:
            name, frame = next(read_pictures(request))
        except RequestError as error:
            problem = "Choose a picture first." if error.status == 400 else error.message
            page = render_template("gender.html", title="Gender", problem=problem)
            return page, error.status
        look = analyst.gender(frame)
        metrics.analysed(look.result)
        return render_template(
            "gender.html",
            title="Gender",
            name=name,
            picture=_annotated(frame, look),
            size_wh=look.result.size_wh,
            took_ms=look.result.timings_ms.get("total", 0),
            cards=[card(frame, look, i) for i in range(len(look.result.faces))],
            most=MOST_FACES,
        )

    return blueprint


def shared_headers(app: Flask) -> None:
    """What every answer says: nothing from elsewhere, nothing kept, nothing guessed."""

    @app.after_request
    def _add(response):  # type: ignore[no-untyped-def]
        headers = response.headers
        headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        if request.endpoint not in ("static", "bootstrap.static"):
            headers["Cache-Control"] = "no-store"
        return response


def card(frame_bgr: Frame, look: GenderLook, i: int) -> Card:
    """Face i, numbered from 1."""
    looked, faces = look.looked, look.result.faces
    svm = answer_bars(looked.prob[i])
    network = faces.attributes.get(GENDER.name)
    by_eigenfaces = next(f"{bar.name} {bar.text}" for bar in svm if bar.top)
    return Card(
        i + 1,
        caption(GENDER, faces, i, reasons=True) or by_eigenfaces,
        _url(within(face_crop(frame_bgr, faces.xyxy[i]), 320), ".jpg"),
        _url(looked.crops[i], ".png"),
        _url(looked.rebuilt[i], ".png"),
        svm,
        [] if network is None else answer_bars(network.prob[i]),
        weight_bars(looked.weights[i]),
    )


def answer_bars(prob: F32) -> list[Bar]:
    """A bar for each label, the likeliest marked."""
    best = int(prob.argmax())
    return [
        Bar(name, float(p) * 100, f"{p:.0%}", top=k == best)
        for k, (name, p) in enumerate(zip(GENDER.labels, prob, strict=True))
    ]


def weight_bars(weights: F32) -> list[Bar]:
    """The eigenfaces that are strongest in a face, by number, as long as they are strong."""
    strongest = np.argsort(-np.abs(weights))[:STRONGEST]
    longest = float(np.abs(weights[strongest]).max(initial=1e-6))
    return [
        Bar(
            f"no. {k + 1}",
            abs(float(weights[k])) / longest * 100,
            f"{weights[k]:+.1f}".replace("-", "−"),
            top=bool(weights[k] > 0),
        )
        for k in sorted(strongest.tolist())
    ]


def _annotated(frame_bgr: Frame, look: GenderLook) -> str:
    drawn = frame_bgr.copy()
    draw_result(drawn, numbered(look.result.faces), DrawSettings())
    return _url(within(drawn, WIDEST_PX), ".jpg")


def _url(picture: Frame, suffix: str) -> str:
    kind = "jpeg" if suffix == ".jpg" else "png"
    return f"data:image/{kind};base64,{b64encode(encode(picture, suffix)).decode()}"
