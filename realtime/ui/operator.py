"""What visitors may do to the server, as its operator decides."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit import config

from realtime.config import settings
from realtime.core.hosts import FORWARDED_HEADERS, is_local
from realtime.ui.login import is_operator, login_configured

ARCHIVES_VARIABLE = "FACESTREAM_ARCHIVES"


def archives_root() -> Path | None:
    """The folder below which the page Archive opens results; None where the operator set none."""
    return settings().archives


def may_run_benchmark() -> bool:
    """Whether this visitor may load the server with a benchmark for minutes.

    The setting `allow_benchmark` allows it to everyone or to nobody. Without it, with login only
    operators may; else only the user of a server that listens on its own machine, unless a proxy
    hands on others.
    """
    allowed = settings().allow_benchmark
    if allowed is not None:
        return allowed
    if login_configured():
        return is_operator()
    passed_on = any(name in st.context.headers for name in FORWARDED_HEADERS)
    return is_local(config.get_option("server.address")) and not passed_on
