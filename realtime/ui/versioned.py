"""Data for a component's script that tells old from new."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

import streamlit as st


def dated(key: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data and `since_ms`: when this visit first showed just these.

    Streamlit calls a component's script anew for each change of its data. Calls that come while
    the script is still being loaded wait, and go on in an order that the browser chooses: a script
    has to leave out what is older than what it shows.

    Args:
        key: the component's own.
        data: what can be written as JSON.
    """
    digest = hashlib.sha256(json.dumps(data).encode()).digest()
    kept, since_ms = st.session_state.get(f"{key}-since", (b"", 0))
    if kept != digest:
        since_ms = max(time.time_ns() // 1_000_000, since_ms + 1)
        st.session_state[f"{key}-since"] = digest, since_ms
    return {**data, "since_ms": since_ms}
