"""A table of figures that a keyboard can scroll on a phone and a screen reader can name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

_FIGURE = re.compile(r"[-+−]?[\d.,]+( ?%| \[.*\])?|–|-")


def figures_table(about: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Put the rows on the page; columns in which all are figures are flush right.

    Args:
        about: what it shows, for people who do not see it.
        rows: cells by the columns' names; those of the first row are the table's.
    """
    if rows:
        st.html(table_html(about, rows))


def table_html(about: str, rows: Sequence[Mapping[str, str]]) -> str:
    """The table as HTML; its style is in `realtime.ui.style`."""
    columns = list(rows[0])
    figures = {c for c in columns if all(_FIGURE.fullmatch(row.get(c, "–")) for row in rows)}
    head = "".join(f'<th scope="col"{_side(c in figures)}>{escape(c)}</th>' for c in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_side(column in figures)}>{escape(row.get(column, '–'))}</td>"
            for column in columns
        )
        + "</tr>"
        for row in rows
    )
    # Where it is wider than the page it scrolls, and so must take the focus.
    return (
        f'<div class="fs-table" role="region" aria-label="{escape(about)}" tabindex="0"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _side(figure: bool) -> str:
    return ' class="n"' if figure else ""
