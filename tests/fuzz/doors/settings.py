"""Settings in addresses: the query of the Photos page, and of the API."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl

from werkzeug.datastructures import MultiDict

from realtime.attribute.registry import ATTRIBUTES
from realtime.detect import live_detector_names
from realtime.landmark.registry import LANDMARKERS
from realtime.ui.photo.link import SWITCHES, from_query, to_query
from realtime.web.uploads import parse_query
from tests.fuzz.door import Door


def enter(data: bytes) -> None:
    """Read settings from a query; what a page writes to its address must read the same."""
    text = data.decode("utf-8", "replace")
    view = from_query({name: values[-1] for name, values in _lists(text).items()})
    assert from_query(to_query(view)) == view
    parse_query(MultiDict(parse_qsl(text, keep_blank_values=True))).settings()


def _lists(text: str) -> dict[str, list[str]]:
    return parse_qs(text, keep_blank_values=True)


DOOR = Door(
    enter=enter,
    words=tuple(
        word.encode()
        for word in (
            *(f"&{name}=" for name in (*SWITCHES, *ATTRIBUTES, "drawn", "certainty")),
            *(f"&detector={name}" for name in live_detector_names()),
            *(f"&landmarks={name}" for name in LANDMARKERS),
            *("&certainty=0.", "&min_score=0.5", "true", "false", "nan", "inf", "1e999", "1_0"),
            *("٣", "%00", "&thorough=1", "&&", "=", "0.9499999", "-0.0"),
        )
    ),
)
