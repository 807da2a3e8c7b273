"""What the Photos page is set to, and the same in its address, so that a link tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from realtime.attribute.registry import ATTRIBUTES, chosen, names
from realtime.core.settings import AnalysisSettings
from realtime.engine.acceptance import min_photo_score
from realtime.engine.photo import MAX_FACES
from realtime.landmark.registry import LANDMARKERS
from realtime.ui.detector_choice import parse_detector

LEAST_CERTAINTY, MOST_CERTAINTY = 0.05, 0.95
SWITCHES = ("unsure", "measures", "gaze")
_WORDS = {True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class PhotoView:
    """How photos are analysed and shown.

    Attributes:
        settings: how they are analysed.
        drawn: whether landmarks are drawn.
    """

    settings: AnalysisSettings = AnalysisSettings(max_faces=MAX_FACES)  # noqa: RUF009 (frozen)
    drawn: bool = False


def to_query(view: PhotoView) -> dict[str, str]:
    """The address's parameters: what differs from the usual settings, and only that."""
    usual, settings, query = PhotoView(), view.settings, {}
    if settings.detector != usual.settings.detector:
        query["detector"] = settings.detector
    if settings.min_score is not None:
        query["certainty"] = f"{settings.min_score:g}"
    if settings.landmarks != usual.settings.landmarks:
        query["landmarks"] = settings.landmarks
    for name in SWITCHES:
        on = getattr(settings, name)
        if on != getattr(usual.settings, name):
            query[name] = _WORDS[on]
    for name in ATTRIBUTES:
        if (name in names(settings)) != (name in names(usual.settings)):
            query[name] = _WORDS[name in names(settings)]
    if view.drawn != usual.drawn:
        query["drawn"] = _WORDS[view.drawn]
    return query


def from_query(query: Mapping[str, str]) -> PhotoView:
    """The view that an address asks for; what it gets wrong is as usual."""
    usual = PhotoView()
    detector = parse_detector(query.get("detector", "")) or usual.settings.detector
    settings = replace(usual.settings, detector=detector)
    settings = replace(settings, min_score=_certainty(query.get("certainty", ""), settings))
    if query.get("landmarks") in LANDMARKERS:
        settings = replace(settings, landmarks=query["landmarks"])
    for name in SWITCHES:
        value: Any = _switch(query, name, getattr(settings, name))
        settings = replace(settings, **{name: value})
    on = frozenset(n for n in ATTRIBUTES if _switch(query, n, n in names(usual.settings)))
    settings = replace(settings, attributes=chosen(on))
    return PhotoView(settings, _switch(query, "drawn", usual.drawn))


def _certainty(text: str, settings: AnalysisSettings) -> float | None:
    """None is the detector's own, which the settings hold."""
    try:
        value = round(float(text), 2)
    except ValueError:
        return None
    if not LEAST_CERTAINTY <= value <= MOST_CERTAINTY or value == min_photo_score(settings):
        return None
    return value


def _switch(query: Mapping[str, str], name: str, usual: bool) -> bool:
    return {word: on for on, word in _WORDS.items()}.get(query.get(name, ""), usual)
