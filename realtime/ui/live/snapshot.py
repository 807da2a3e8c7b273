"""The live page's snapshots: the next frame, both annotated and original."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

import streamlit as st

from realtime.live.snapshot import Snapshot
from realtime.live.webrtc import LiveStream
from realtime.media.resize import fit_within
from realtime.output.crops import encode
from realtime.ui.live import pending_clicks

_STATE_KEY = "live-snapshot"
WAIT_S = 2.0
PREVIEW_SIDE_PX = 320
NO_FRAME = "No frame arrived from your camera. Try again."
DELETED = "The last snapshot showed faces and was deleted when you turned on “Hide faces”."


@dataclass(frozen=True, slots=True, eq=False)
class _StoredSnapshot:
    """A snapshot as files and previews, annotated and original, and the stem of the file names."""

    files_png: tuple[bytes, bytes]
    previews_jpg: tuple[bytes, bytes]
    stem: str
    hidden: bool


def snapshot_tools(live: LiveStream) -> None:
    """Show the button, and the last snapshot with its downloads."""
    st.button(
        "Snapshot",
        key="live-snapshot-button",
        icon=":material/photo_camera:",
        disabled=not live.playing,
        on_click=pending_clicks.recorded(partial(_take, live)),
        width="stretch",
        help="Save the next frame, annotated and original. Kept in server memory until you take "
        "another or leave. “Hide faces” applies to both.",
    )
    stored: _StoredSnapshot | str | None = st.session_state.get(_STATE_KEY)
    if stored is None:
        return
    if isinstance(stored, str):
        st.caption(stored)
        return
    if live.track.settings.draw.hiding and not stored.hidden:
        st.session_state[_STATE_KEY] = DELETED
        st.caption(DELETED)
        return
    labels, stems = ("Annotated", "Original"), (stored.stem, f"{stored.stem}-clean")
    row = st.container(horizontal=True, gap="small")
    for label, stem, png, preview in zip(
        labels, stems, stored.files_png, stored.previews_jpg, strict=True
    ):
        with row.container(width="stretch"):
            st.image(preview, width="stretch")
            st.download_button(
                label,
                png,
                f"{stem}.png",
                "image/png",
                on_click="ignore",
                icon=":material/download:",
                width="stretch",
                help="Download as PNG.",
            )


def _take(live: LiveStream) -> None:
    snapshot = live.track.snapshots.request(timeout_s=WAIT_S)
    st.session_state[_STATE_KEY] = NO_FRAME if snapshot is None else _stored(snapshot)


def _stored(snapshot: Snapshot) -> _StoredSnapshot:
    annotated, clean = snapshot.annotated_bgr, snapshot.clean_bgr
    previews = [encode(fit_within(frame, PREVIEW_SIDE_PX), ".jpg") for frame in (annotated, clean)]
    return _StoredSnapshot(
        (encode(annotated, ".png"), encode(clean, ".png")),
        (previews[0], previews[1]),
        time.strftime("facestream-%Y%m%d-%H%M%S"),
        snapshot.hidden,
    )
