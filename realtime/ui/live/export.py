"""Export of the live page's results up to the click."""

from __future__ import annotations

import time

import streamlit as st

from realtime.output.tables import FaceTable
from realtime.ui.download import NewFile, file_button, send_file

REFRESH_S = 1.0
DESCRIPTION = """
One row per face per frame: box, mask, emotion, probabilities; head pose, eyes and mouth if they
were measured. No pictures, no names.
"""
EMPTY = "Press Start to collect results. You can download them here, also after Stop."


def export_tools(table: FaceTable, *, running: bool) -> None:
    """Show buttons for CSV, JSON and Parquet, or a hint if there are no results yet.

    Args:
        table: results of the current stream, or of the previous one until the next begins.
        running: whether the table may grow.
    """
    if not running and not len(table):
        st.info(EMPTY)
        return
    st.markdown(DESCRIPTION)
    if table.dropped:
        st.warning(f"The table is full: its oldest {table.dropped:,} rows were dropped.")
    # A click may coincide with the readout's timer, and Streamlit then skips the rerun of this
    # fragment; its own timer sends the file anyway.
    st.fragment(_files, run_every=REFRESH_S)(table)


def _files(table: FaceTable) -> None:
    formats = (
        ("CSV", table.csv, "csv", "text/csv", "For spreadsheets."),
        ("JSON", table.json, "json", "application/json", "An array of objects, for programs."),
        ("Parquet", table.parquet, "parquet", "application/vnd.apache.parquet",
         "The smallest, with column types, for pandas, Polars or DuckDB."),
    )  # fmt: skip
    for column, (label, make, suffix, mime, about) in zip(st.columns(3), formats, strict=True):
        name = time.strftime(f"facestream-%Y%m%d-%H%M%S.{suffix}")
        with column:
            file_button("live-export", NewFile(label, make, name, mime, about), wide=True)
    send_file("live-export")
    st.caption(f"{len(table):,} rows so far")
