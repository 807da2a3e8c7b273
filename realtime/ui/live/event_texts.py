"""Events in words, for the list beside the stream."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from html import escape

from realtime.attribute.registry import ATTRIBUTES
from realtime.events.event import EndReason, Event, Message, Phase

MAX_LISTED = 8

EVENTS_STYLE = """
<style>
.fs-events { list-style: none; margin: 0; padding: 0; font-size: .9rem; line-height: 1.35 }
.fs-events li { display: grid; grid-template-columns: 4.4rem 1fr; gap: .6rem; margin: 0;
  padding: .3rem 0; border-bottom: 1px solid rgba(128,128,128,.25) }
.fs-events li:last-child { border-bottom: 0 }
.fs-events time { opacity: .75; font-variant-numeric: tabular-nums }
.fs-events .on { font-weight: 600 }
</style>
"""


def events_html(messages: Sequence[Message], zone: tzinfo = UTC) -> str:
    """The latest events as a list, newest first; those that last are bold.

    Args:
        messages: oldest first.
        zone: of the times.
    """
    ended = {m.record["id"] for m in messages if m.event.phase is Phase.END}
    rows = []
    for each in list(messages)[: -MAX_LISTED - 1 : -1]:
        lasts = each.event.phase is Phase.START and each.record["id"] not in ended
        time = datetime.fromisoformat(each.record["time"]).astimezone(zone)
        mark = ' class="on"' if lasts else ""
        text = escape(event_text(each.event))
        rows.append(f"<li><time>{time:%H:%M:%S}</time><span{mark}>{text}</span></li>")
    return f'<ol class="fs-events" aria-live="polite">{"".join(rows)}</ol>'


def event_text(event: Event) -> str:
    """An event in a few words, such as "Face 3: no mask for 3 s"."""
    face, seconds = f"Face {event.track_id}", _seconds(event.duration_s)
    if event.phase is Phase.START:
        return {
            "person": f"{face} appeared",
            "mask_missing": f"{face}: no mask for {seconds}",
            "emotion": f"{face}: {event.details.get('label')} for {seconds}",
            "unsure": f"{face}: {_attribute(event)} unsure for {seconds}",
        }.get(event.kind, f"{face}: {event.rule}")
    if event.reason is EndReason.STOPPED:
        return f"{face}: {_what(event)} until the stream or the rule ended ({seconds})"
    if event.reason is EndReason.GONE:
        return f"{face} left after {seconds}" + (
            "" if event.kind == "person" else f" ({_what(event)})"
        )
    return f"{face}: no longer {_what(event)}, after {seconds}"


def _what(event: Event) -> str:
    return {
        "person": "in the picture",
        "mask_missing": "without mask",
        "emotion": str(event.details.get("label")),
        "unsure": f"{_attribute(event)} unsure",
    }.get(event.kind, event.rule)


def _attribute(event: Event) -> str:
    name = str(event.details.get("attribute"))
    return ATTRIBUTES[name].title.lower() if name in ATTRIBUTES else name


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
