"""The live page's results as files, each made only when its button is pressed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from realtime.face_table import FaceTable

_KEPT = "live-export"
REFRESH_S = 1.0
EXPLAINED = """
A row for each face of each frame since Start: frame, seconds, the face's number and box, what was
called its mask and emotion, every probability, and head, eyes and mouth where they were measured.
No pictures, no names.
"""
EMPTY = "Press Start first: then all that was found can be downloaded here, also after Stop."


@dataclass(frozen=True, slots=True)
class _File:
    """What a press made."""

    kind: str
    name: str
    mime: str
    data: bytes
    rows: int


def export_tools(table: FaceTable, *, running: bool) -> None:
    """Buttons for CSV, JSON and Parquet; a hint where nothing was found yet.

    A file is made by one press and given away by another: what Streamlit makes and gives in one
    press, it forgets with the page's next but one refresh, which may come before the browser has
    asked for it.

    Args:
        table: the faces of this start, or of the one before while the next has not begun.
        running: whether the table may grow.
    """
    if not running and not len(table):
        st.info(EMPTY)
        return
    st.markdown(EXPLAINED)
    if table.forgotten:
        st.warning(f"The stream is long: the first {table.forgotten:,} rows were forgotten.")
    # A press may come at the moment of the read-out's timer, and Streamlit then forgets to run this
    # part: it looks by itself what was made.
    st.fragment(_files, run_every=REFRESH_S)(table)


def _prepare(
    table: FaceTable, kind: str, make: Callable[[], bytes], suffix: str, mime: str
) -> None:
    name = time.strftime(f"facestream-%Y%m%d-%H%M%S.{suffix}")
    st.session_state[_KEPT] = _File(kind, name, mime, make(), len(table))


def _files(table: FaceTable) -> None:
    kinds = (
        ("CSV", table.csv, "csv", "text/csv", "For spreadsheets."),
        ("JSON", table.json, "json", "application/json", "For programs: a list of objects."),
        ("Parquet", table.parquet, "parquet", "application/vnd.apache.parquet",
         "The smallest, with types, for pandas, Polars, DuckDB and the like."),
    )  # fmt: skip
    for column, (kind, make, suffix, mime, help_text) in zip(st.columns(3), kinds, strict=True):
        column.button(
            f"Prepare {kind}",
            icon=":material/table:",
            on_click=partial(_prepare, table, kind, make, suffix, mime),
            width="stretch",
            help=f"{help_text} Everything from Start to the moment you press.",
        )
    file: _File | None = st.session_state.get(_KEPT)
    if file is not None:
        st.download_button(
            f"Download {file.kind}",
            file.data,
            file.name,
            file.mime,
            on_click="ignore",
            icon=":material/download:",
            type="primary",
            help="It holds what was found until it was prepared.",
        )
        st.caption(f"{file.name}: {file.rows:,} rows, {len(file.data) / 1e3:,.0f} KB")
