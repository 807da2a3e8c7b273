"""What visitors may do to the server, as its operator decides."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st
from streamlit import config

from realtime.core.hosts import FORWARDED_HEADERS, is_local

ARCHIVES_VARIABLE = "FACESTREAM_ARCHIVES"
BENCHMARK_VARIABLE = "FACESTREAM_ALLOW_BENCHMARK"


def archives_root() -> Path | None:
    """The folder below which the page Archive opens results; None where the operator set none."""
    folder = os.environ.get(ARCHIVES_VARIABLE)
    return Path(folder) if folder else None


def may_run_benchmark() -> bool:
    """Whether this visitor may load the server with a benchmark for minutes.

    FACESTREAM_ALLOW_BENCHMARK=1 allows it to everyone, any other value to nobody. Without it,
    only the user of a server that listens on its own machine may, unless a proxy hands on others.
    """
    allowed = os.environ.get(BENCHMARK_VARIABLE)
    if allowed is not None:
        return allowed == "1"
    passed_on = any(name in st.context.headers for name in FORWARDED_HEADERS)
    return is_local(config.get_option("server.address")) and not passed_on
