"""A video's results as one HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from realtime.attribute.registry import ATTRIBUTES
from realtime.output.report import face_html, report_html
from realtime.video.people import Person, timestamp
from realtime.video.track_names import TrackNames

UNNAMED = TrackNames()


def video_report(
    caption: str,
    people: Sequence[Person],
    views_jpg: Mapping[int, bytes],
    names: TrackNames = UNNAMED,
) -> bytes:
    """A card per track: its best picture, when it is seen, and its most frequent labels.

    Args:
        caption: a line about the video.
        people: its tracks.
        views_jpg: the best picture of each track, by its number.
        names: what the tracks are called.
    """
    count = f"{len(people)} track{'' if len(people) == 1 else 's'}"
    cards = (face_html(names.title(p.number), _lines(p), views_jpg.get(p.number)) for p in people)
    return report_html(
        "Faces in a video",
        [f"<p>{escape(caption)}. {count}.</p>", f'<div class="faces">{"".join(cards)}</div>'],
    )


def _lines(person: Person) -> list[str]:
    lines = [f"{timestamp(person.first_s)}–{timestamp(person.last_s)}"]
    for name, (label, share) in person.labels.items():
        lines.append(f"{ATTRIBUTES[name].caption(label)} {share:.0%} of the time")
    return lines
