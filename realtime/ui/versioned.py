"""Versions for a component's data, so that its script can ignore outdated data."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

import streamlit as st


def versioned(key: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Add `since_ms` to the data, the time since which it has been the same in this session.

    Streamlit calls a component's script on each change of its data. Calls made while the script is
    still loading may then run in any order, so the script must ignore data older than what it
    shows.

    Args:
        key: key of the component.
        data: JSON-serialisable data.
    """
    digest = hashlib.sha256(json.dumps(data).encode()).digest()
    previous, since_ms = st.session_state.get(f"{key}-version", (b"", 0))
    if previous != digest:
        since_ms = max(time.time_ns() // 1_000_000, since_ms + 1)
        st.session_state[f"{key}-version"] = digest, since_ms
    return {**data, "since_ms": since_ms}
