"""The live page's results as files, each made only when its button is pressed."""

from __future__ import annotations

import time

import streamlit as st

from realtime.face_table import FaceTable

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
    if table.forgotten:
        st.warning(f"The stream is long: the first {table.forgotten:,} rows were forgotten.")
    stem = time.strftime("facestream-%Y%m%d-%H%M%S")
    kinds = (
        ("CSV", table.csv, "csv", "text/csv", "For spreadsheets."),
        ("JSON", table.json, "json", "application/json", "For programs: a list of objects."),
        ("Parquet", table.parquet, "parquet", "application/vnd.apache.parquet",
         "The smallest, with types, for pandas, Polars, DuckDB and the like."),
    )  # fmt: skip
    for column, (name, make, suffix, mime, help_text) in zip(st.columns(3), kinds, strict=True):
        column.download_button(
            name,
            make,
            f"{stem}.{suffix}",
            mime,
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
            help=f"{help_text} Everything from Start to the moment you press.",
        )
