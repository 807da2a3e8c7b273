"""The web pages: Home, Gender, API and About."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

import numpy as np
from flask import Blueprint, Flask, render_template, request

from realtime.attribute.registry import GENDER
from realtime.core.answers import Doubt
from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces
from realtime.core.installed import app_file
from realtime.core.settings import DrawSettings
from realtime.media.resize import fit_within
from realtime.output.crops import encode, face_crop, numbered
from realtime.render.captions import caption
from realtime.render.draw import draw_result
from realtime.web.budget import Budget
from realtime.web.errors import RequestError
from realtime.web.metrics import Metrics
from realtime.web.openapi import document
from realtime.web.paragraphs import paragraphs
from realtime.web.photo_service import MAX_PAGE_FACES, GenderResult, PhotoService
from realtime.web.uploads import read_pictures

ABOUT = app_file("docs/about.md")
MAX_SIDE_PX = 1280  # of the annotated picture
MAX_WEIGHTS = 12  # eigenfaces listed for a face
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: its label, its length from 0 to 100, and its value as text."""

    name: str
    length: float
    text: str
    top: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A face on the page; pictures are data URLs."""

    number: int
    label: str
    crop: str
    gray: str
    rebuilt: str
    svm: list[Bar]
    network: list[Bar]
    weights: list[Bar]


def pages(service: PhotoService, metrics: Metrics, budget: Budget) -> Blueprint:
    """Create the pages' routes."""
    blueprint = Blueprint("pages", __name__)
    about = paragraphs(ABOUT.read_text(encoding="utf-8"))

    @blueprint.get("/")
    def home() -> str:
        return render_template("home.html", title="FaceStream")

    @blueprint.get("/about")
    def about_page() -> str:
        return render_template("about.html", title="About", blocks=about)

    @blueprint.get("/docs")
    def docs() -> str:
        return render_template("docs.html", title="API", api=document())

    @blueprint.get("/gender")
    def gender() -> str:
        return render_template("gender.html", title="Gender", max_faces=MAX_PAGE_FACES)

    @blueprint.post("/gender")
    def read_gender() -> str | tuple[str, int]:
        """Show the results, or the problem with the upload."""
        try:
            name, frame = next(read_pictures(request, budget))
        except RequestError as error:
            problem = "Choose a picture first." if error.status == 400 else error.message
            page = render_template("gender.html", title="Gender", problem=problem)
            return page, error.status
        analysis = service.gender(frame)
        metrics.count_picture(analysis.result)
        return render_template(
            "gender.html",
            title="Gender",
            name=name,
            picture=_annotated(frame, analysis),
            size_wh=analysis.result.size_wh,
            took_ms=analysis.result.timings_ms.get("total", 0),
            cards=[card(frame, analysis, i) for i in range(len(analysis.result.faces))],
            max_faces=MAX_PAGE_FACES,
        )

    return blueprint


def add_headers(app: Flask) -> None:
    """Add security headers to every response: no third-party content, no framing, no caching."""

    @app.after_request
    def _add(response):  # type: ignore[no-untyped-def]
        headers = response.headers
        headers["Content-Security-Policy"] = CONTENT_POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        if request.endpoint not in ("static", "bootstrap.static"):
            headers["Cache-Control"] = "no-store"
        return response


def card(frame_bgr: Frame, analysis: GenderResult, i: int) -> Card:
    """The card of face i; its number starts at 1."""
    eigenfaces, faces = analysis.eigenfaces, analysis.result.faces
    sure = not _doubts(faces, i)  # beside "unsure", no bar of either model looks like an answer
    svm = probability_bars(eigenfaces.prob[i], sure=sure)
    network = faces.attributes.get(GENDER.name)
    fallback_label = max(svm, key=lambda bar: bar.length)
    return Card(
        i + 1,
        caption(GENDER, faces, i, reasons=True) or f"{fallback_label.name} {fallback_label.text}",
        _url(fit_within(face_crop(frame_bgr, faces.xyxy[i]), 320), ".jpg"),
        _url(eigenfaces.crops[i], ".png"),
        _url(eigenfaces.reconstructions[i], ".png"),
        svm,
        [] if network is None else probability_bars(network.prob[i], sure=sure),
        weight_bars(eigenfaces.weights[i]),
    )


def probability_bars(prob: F32, *, sure: bool = True) -> list[Bar]:
    """A bar per label; the most likely one is highlighted if the answer is sure."""
    best = int(prob.argmax())
    return [
        Bar(name, float(p) * 100, f"{p:.0%}", top=sure and k == best, unsure=not sure)
        for k, (name, p) in enumerate(zip(GENDER.labels, prob, strict=True))
    ]


def _doubts(faces: Faces, i: int) -> set[Doubt]:
    """Why the network's answer is unsure; empty if it is sure or was not asked."""
    answers = faces.attributes.get(GENDER.name)
    return set() if answers is None else set(answers.doubts(i))


def weight_bars(weights: F32) -> list[Bar]:
    """A bar for each of the eigenfaces with the largest weights, ordered by number."""
    strongest = np.argsort(-np.abs(weights))[:MAX_WEIGHTS]
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


def _annotated(frame_bgr: Frame, analysis: GenderResult) -> str:
    drawn = frame_bgr.copy()
    draw_result(drawn, numbered(analysis.result.faces), DrawSettings())
    return _url(fit_within(drawn, MAX_SIDE_PX), ".jpg")


def _url(picture: Frame, suffix: str) -> str:
    kind = "jpeg" if suffix == ".jpg" else "png"
    return f"data:image/{kind};base64,{b64encode(encode(picture, suffix)).decode()}"
