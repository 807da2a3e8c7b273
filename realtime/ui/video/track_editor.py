"""Naming and merging the tracks of a video, with undo."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import streamlit as st

from realtime.video.job import VideoResult
from realtime.video.track_names import MAX_NAME, TrackNames

MAX_UNDO = 100  # steps
# The names after each change, for as long as the result is kept.
_histories: WeakKeyDictionary[VideoResult, list[TrackNames]] = WeakKeyDictionary()


def track_names(result: VideoResult) -> TrackNames:
    """What the visitor has named and merged in this result."""
    return _history(result)[-1]


def undo_button(result: VideoResult) -> None:
    """Show a button that takes the last change back; nothing without changes."""
    history = _history(result)
    if len(history) > 1:
        st.button(
            "Undo",
            icon=":material/undo:",
            key="video-undo",
            on_click=_undo,
            args=(result,),
            help="Take back the last name or merge.",
        )


def track_editor(result: VideoResult, number: int, numbers: Sequence[int]) -> None:
    """Show the controls of one track.

    Args:
        result: the video's result.
        number: the track's number.
        numbers: of all tracks, to merge it with.
    """
    names = track_names(result)
    others = [other for other in numbers if other != number]
    with st.popover("Edit", icon=":material/edit:", help="Name this face, or merge it."):
        key = f"video-name-{number}-{len(_history(result))}"
        st.text_input(
            "Name",
            names.names.get(number, ""),
            max_chars=MAX_NAME,
            key=key,
            placeholder=f"Face {number}",
            on_change=_rename,
            args=(result, number, key),
            help="Goes into the cards, the report and the tables, as a column of its own.",
        )
        if others:
            choice = f"video-merge-{number}-{len(_history(result))}"
            st.selectbox(
                "Same person as",
                others,
                index=None,
                format_func=names.title,
                key=choice,
                placeholder="Choose a face",
                on_change=_merge,
                args=(result, number, choice),
                help="Both then count as one face. The video keeps its numbers.",
            )


def _rename(result: VideoResult, number: int, key: str) -> None:
    _change(result, track_names(result).rename(number, str(st.session_state[key] or "")))


def _merge(result: VideoResult, number: int, key: str) -> None:
    into = st.session_state[key]
    if into is not None:
        _change(result, track_names(result).merge(number, into=int(into)))


def _undo(result: VideoResult) -> None:
    history = _history(result)
    if len(history) > 1:
        history.pop()


def _change(result: VideoResult, names: TrackNames) -> None:
    history = _history(result)
    if names != history[-1]:
        history.append(names)
        del history[: -MAX_UNDO - 1]


def _history(result: VideoResult) -> list[TrackNames]:
    return _histories.setdefault(result, [TrackNames()])
