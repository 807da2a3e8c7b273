"""Figures of one result folder, remembered until it changes; DuckDB keeps the rows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import streamlit as st

from realtime.bulk.ask import Results
from realtime.bulk.summary import (
    FaceCard,
    FaceFilter,
    Histograms,
    Overview,
    errors,
    face_cards,
    histograms,
    overview,
)

MAX_QUERY_S = 60.0
MAX_QUERIES = 2  # at once on this server; further visitors wait
_slots = threading.BoundedSemaphore(MAX_QUERIES)
Stamp = tuple[str, int]
T = TypeVar("T")


def stamp_of(folder: Path) -> Stamp:
    """The folder, and when a file appeared in it or left it last."""
    return str(folder), folder.stat().st_mtime_ns


@st.cache_data(max_entries=64, show_spinner="Counting…")
def overview_of(stamp: Stamp) -> Overview:
    """Counts of the whole folder."""
    return _ask(stamp, overview)


@st.cache_data(max_entries=64, show_spinner="Counting…", hash_funcs={FaceFilter: repr})
def histograms_of(stamp: Stamp, chosen: FaceFilter) -> Histograms:
    """Histograms of the faces that pass the filter."""
    return _ask(stamp, lambda results: histograms(results, chosen))


@st.cache_data(max_entries=64, show_spinner="Finding faces…", hash_funcs={FaceFilter: repr})
def cards_of(stamp: Stamp, chosen: FaceFilter, first: int, count: int) -> list[FaceCard]:
    """Some of these faces."""
    return _ask(stamp, lambda results: face_cards(results, chosen, first=first, count=count))


@st.cache_data(max_entries=64, show_spinner=False)
def errors_of(stamp: Stamp) -> list[tuple[str, str]]:
    """The first errors."""
    return _ask(stamp, errors)


def _ask(stamp: Stamp, question: Callable[[Results], T]) -> T:
    with _slots, Results(Path(stamp[0]), max_query_s=MAX_QUERY_S) as results:
        return question(results)
