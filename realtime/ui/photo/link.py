"""The settings of the Photos page as query parameters, so that a link restores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from realtime.attribute.registry import ATTRIBUTES, chosen, names
from realtime.core.settings import AnalysisSettings
from realtime.engine.acceptance import min_photo_score
from realtime.engine.photo import MAX_FACES
from realtime.landmark.registry import gaze_missing
from realtime.ui.detector_choice import parse_detector
from realtime.ui.landmark_choice import landmark_titles

MIN_THRESHOLD, MAX_THRESHOLD = 0.05, 0.95  # of the detector
SWITCHES = ("unsure", "measures", "gaze")
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoView:
    """How photos are analysed and shown.

    Attributes:
        settings: how they are analysed.
        draw_landmarks: whether landmarks are drawn.
        automatic: whether photos are analysed at once, or on request.
    """

    settings: AnalysisSettings = AnalysisSettings(max_faces=MAX_FACES)  # noqa: RUF009 (frozen)
    draw_landmarks: bool = False
    automatic: bool = True


def to_query(view: PhotoView) -> dict[str, str]:
    """The query parameters of a view: only what differs from the defaults."""
    default, settings, query = PhotoView(), view.settings, {}
    if settings.detector != default.settings.detector:
        query["detector"] = settings.detector
    if settings.min_score is not None:
        query["certainty"] = f"{settings.min_score:g}"
    if settings.landmarks != default.settings.landmarks:
        query["landmarks"] = settings.landmarks
    for name in SWITCHES:
        on = getattr(settings, name)
        if on != getattr(default.settings, name):
            query[name] = _text(on)
    for name in ATTRIBUTES:
        if (name in names(settings)) != (name in names(default.settings)):
            query[name] = _text(name in names(settings))
    if view.draw_landmarks != default.draw_landmarks:
        query["drawn"] = _text(view.draw_landmarks)
    if view.automatic != default.automatic:
        query["automatic"] = _text(view.automatic)
    return query


def from_query(query: Mapping[str, str]) -> PhotoView:
    """The view that query parameters describe; invalid parameters fall back to the defaults."""
    default = PhotoView()
    detector = parse_detector(query.get("detector", "")) or default.settings.detector
    settings = replace(default.settings, detector=detector)
    settings = replace(settings, min_score=_threshold(query.get("certainty", ""), settings))
    if query.get("landmarks") in landmark_titles():
        settings = replace(settings, landmarks=query["landmarks"])
    for name in SWITCHES:
        value: Any = _boolean(query, name, getattr(settings, name))
        settings = replace(settings, **{name: value})
    settings = replace(settings, gaze=settings.gaze and not gaze_missing())
    on = frozenset(n for n in ATTRIBUTES if _boolean(query, n, n in names(default.settings)))
    settings = replace(settings, attributes=chosen(on))
    return PhotoView(
        settings=settings,
        draw_landmarks=_boolean(query, "drawn", default.draw_landmarks),
        automatic=_boolean(query, "automatic", default.automatic),
    )


def _threshold(text: str, settings: AnalysisSettings) -> float | None:
    """The detection threshold; None for the default of the detector in `settings`."""
    try:
        value = round(float(text), 2)
    except ValueError:
        return None
    if not MIN_THRESHOLD <= value <= MAX_THRESHOLD or value == min_photo_score(settings):
        return None
    return value


def _boolean(query: Mapping[str, str], name: str, default: bool) -> bool:
    return _BOOLEANS.get(query.get(name, ""), default)


def _text(value: bool) -> str:
    return str(value).lower()
