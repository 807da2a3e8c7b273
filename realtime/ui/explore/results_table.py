"""Accessible tables of results: scrollable by keyboard, labelled for screen readers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

_NUMBER = re.compile(r"[-+−]?[\d.,]+( ?%| \[.*\])?|–|-")


def results_table(label: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Show a table; columns of numbers are right-aligned.

    Args:
        label: Accessible name of the table.
        rows: Cells by column name; the first row defines the columns.
    """
    if rows:
        st.html(table_html(label, rows))


def table_html(label: str, rows: Sequence[Mapping[str, str]]) -> str:
    """Return the table as HTML, styled by `realtime.ui.style`."""
    columns = list(rows[0])
    numeric = {c for c in columns if all(_NUMBER.fullmatch(row.get(c, "–")) for row in rows)}
    head = "".join(f'<th scope="col"{_class(c in numeric)}>{escape(c)}</th>' for c in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_class(column in numeric)}>{escape(row.get(column, '–'))}</td>"
            for column in columns
        )
        + "</tr>"
        for row in rows
    )
    # The table scrolls if it is wider than the page, so it must be focusable.
    return (
        f'<div class="fs-table" role="region" aria-label="{escape(label)}" tabindex="0"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _class(numeric: bool) -> str:
    return ' class="n"' if numeric else ""
