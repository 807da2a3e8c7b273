"""The live page's events: which ones, the latest beside the stream, and their download."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from realtime.attribute.registry import ATTRIBUTES, EMOTION, names
from realtime.events.rule_settings import attributes_of
from realtime.events.rules import RULES, EmotionAbove, MaskMissing, Person, Rule, UnsureTooLong
from realtime.live.live_track import LiveTrack
from realtime.live.stream_events import StreamEvents, operator_listens
from realtime.live.webrtc import LiveStream
from realtime.ui.download import NewFile, file_button, send_file
from realtime.ui.live.event_texts import EVENTS_STYLE, events_html
from realtime.ui.persistent_controls import PersistentControls

REFRESH_S = 1.0
EMPTY = "No events yet."
_CHOSEN = "live-event-rules"


def event_tools(live: LiveStream, *, shown: bool = True) -> None:
    """Show the choice of events and the latest ones; events come from the stream's results.

    Args:
        live: the stream.
        shown: whether to show them; otherwise the viewer's choice stays in effect.
    """
    events = live.track.events
    if shown:
        st.session_state[_CHOSEN] = tuple(_rules()), _sends()
    events.rules, events.sends = st.session_state.get(_CHOSEN, ((), False))
    if not shown:
        return
    missing = attributes_of(events.rules) - names(live.track.settings.analysis)
    if missing:
        switches = " and ".join(f"“{ATTRIBUTES[name].control}”" for name in sorted(missing))
        st.caption(f"Turn on {switches} to get all of these events.")
    st.html(EVENTS_STYLE)
    running = live.playing or live.connecting
    if events.rules or events.latest:
        st.fragment(_latest, run_every=REFRESH_S if running else None)(live.track)


def _latest(track: LiveTrack) -> None:
    events: StreamEvents = track.events
    messages = events.latest
    if messages:
        st.html(events_html(messages, _zone()))
    else:
        st.caption(EMPTY)
    if events.dropped:
        st.caption(f"The oldest {events.dropped:,} events are no longer kept.")
    name = time.strftime("facestream-events-%Y%m%d-%H%M%S.jsonl")
    file_button(
        "live-events",
        NewFile(
            "Download events", events.json_lines, name, "application/x-ndjson",
            "One JSON object per line: rule, face, start or end, time. No pictures, no names.",
            disabled=not messages,
        ),
        wide=True,
    )  # fmt: skip
    send_file("live-events")


def _rules() -> list[Rule]:
    """Show the choice of rules and the settings of those that are chosen."""
    controls = PersistentControls("live")
    key = controls.key("events", [])
    chosen = st.pills(
        "Report when",
        list(RULES),
        format_func=lambda kind: _TITLES[kind],
        selection_mode="multi",
        default=st.session_state[key],
        key=key,
        help="An event has a start and an end. Events stay in the server's memory until you leave "
        "or start again.",
    )
    controls.store("events")
    return [_SETTINGS[kind](controls) for kind in RULES if kind in chosen]


def _person(controls: PersistentControls) -> Rule:
    return Person()


def _mask(controls: PersistentControls) -> Rule:
    return MaskMissing(for_s=_for_s(controls, "mask_missing", "No mask for (s)", MaskMissing()))


def _emotion(controls: PersistentControls) -> Rule:
    default = EmotionAbove()
    which = controls.select(
        "event-emotion", "Emotion", {name: name for name in EMOTION.labels}, default.emotion,
        "Which of the seven emotions.",
    )  # fmt: skip
    threshold = controls.threshold(
        "event-threshold", "Minimum probability", default.threshold,
        "The emotion's probability must be at least this high.",
    )  # fmt: skip
    for_s = _for_s(controls, "emotion", "Emotion for (s)", default)
    return EmotionAbove(emotion=which, threshold=threshold, for_s=for_s)


def _unsure(controls: PersistentControls) -> Rule:
    return UnsureTooLong(for_s=_for_s(controls, "unsure", "Mask unsure for (s)", UnsureTooLong()))


def _for_s(controls: PersistentControls, kind: str, label: str, default: Rule) -> float:
    name = f"event-{kind}-s"
    key = controls.key(name, default.for_s)
    seconds = st.number_input(
        label, 0.0, 600.0, float(st.session_state[key]), step=1.0, format="%.0f", key=key
    )
    controls.store(name)
    return float(seconds)


def _sends() -> bool:
    """Whether events go to the operator: only where one listens, and the viewer says so."""
    return operator_listens() and PersistentControls("live").toggle(
        "event-send", "Send to the operator", False,
        "The operator of this server receives time, face number and label of events; no pictures.",
    )  # fmt: skip


def _zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


_TITLES = {
    "person": "Person",
    "mask_missing": "No mask",
    "emotion": "Emotion",
    "unsure": "Unsure",
}
_SETTINGS: dict[str, Callable[[PersistentControls], Rule]] = {
    "person": _person,
    "mask_missing": _mask,
    "emotion": _emotion,
    "unsure": _unsure,
}
