"""The live page's results as files, of all that was found until a button is pressed."""

from __future__ import annotations

import time

import streamlit as st

from realtime.output.tables import FaceTable
from realtime.ui.download import NewFile, file_button, send_file

REFRESH_S = 1.0
EXPLAINED = """
A row for each face of each frame since Start: frame, seconds, the face's number and box, what was
called its mask and emotion, every probability, and head, eyes and mouth where they were measured.
No pictures, no names.
"""
EMPTY = "Press Start first: then all that was found can be downloaded here, also after Stop."


def export_tools(table: FaceTable, *, running: bool) -> None:
    """Buttons for CSV, JSON and Parquet; a hint where nothing was found yet.

    Args:
        table: the faces of this start, or of the one before while the next has not begun.
        running: whether the table may grow.
    """
    if not running and not len(table):
        st.info(EMPTY)
        return
    st.markdown(EXPLAINED)
    if table.dropped:
        st.warning(f"The stream is long: the first {table.dropped:,} rows were forgotten.")
    # A press may come at the moment of the read-out's timer, and Streamlit then forgets to run this
    # part: it looks by itself what was made.
    st.fragment(_files, run_every=REFRESH_S)(table)


def _files(table: FaceTable) -> None:
    kinds = (
        ("CSV", table.csv, "csv", "text/csv", "For spreadsheets."),
        ("JSON", table.json, "json", "application/json", "For programs: a list of objects."),
        ("Parquet", table.parquet, "parquet", "application/vnd.apache.parquet",
         "The smallest, with types, for pandas, Polars, DuckDB and the like."),
    )  # fmt: skip
    for column, (kind, make, suffix, mime, about) in zip(st.columns(3), kinds, strict=True):
        name = time.strftime(f"facestream-%Y%m%d-%H%M%S.{suffix}")
        with column:
            file_button("live-export", NewFile(kind, make, name, mime, about), wide=True)
    send_file("live-export")
    st.caption(f"{len(table):,} rows so far.")
