"""The live page's stills: one press takes the next frame twice, as shown and without drawings."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

import streamlit as st

from realtime.live.snapshot import Snapshot
from realtime.live.webrtc import LiveStream
from realtime.media.resize import within
from realtime.output.crops import encode
from realtime.ui.live import pending_clicks as presses

PART = "snapshot"
_KEPT = "live-snapshot"
WAIT_S = 2.0
SHOWN_SIDE_PX = 320
NO_PICTURE = "No picture came from your camera just now. Try again."
FORGOTTEN = "The last snapshot showed faces and was forgotten when faces were hidden."


@dataclass(frozen=True, slots=True, eq=False)
class _Still:
    """What is kept of a press: each picture as a file and small, and a name for the files."""

    files_png: tuple[bytes, bytes]
    shown_jpg: tuple[bytes, bytes]
    stem: str
    hidden: bool


def snapshot_tools(live: LiveStream) -> None:
    """The button, and the last still with its downloads."""
    presses.shown(PART)
    st.button(
        "Snapshot",
        icon=":material/photo_camera:",
        disabled=not live.playing,
        on_click=presses.noted(PART, partial(_take, live)),
        width="stretch",
        help="Take the next picture, with the drawings and without. It is kept in the server's "
        "memory until you take another or leave; “Hide faces” holds for both.",
    )
    still: _Still | str | None = st.session_state.get(_KEPT)
    if still is None:
        return
    if isinstance(still, str):
        st.caption(still)
        return
    if live.track.settings.draw.hiding and not still.hidden:
        st.session_state[_KEPT] = FORGOTTEN
        st.caption(FORGOTTEN)
        return
    names, stems = ("With drawings", "Without"), (still.stem, f"{still.stem}-clean")
    side_by_side = st.container(horizontal=True, gap="small")
    for name, stem, file, small in zip(names, stems, still.files_png, still.shown_jpg, strict=True):
        with side_by_side.container(width="stretch"):
            st.image(small, width="stretch")
            st.download_button(
                name,
                file,
                f"{stem}.png",
                "image/png",
                on_click="ignore",
                icon=":material/download:",
                width="stretch",
                help="Download this picture as a PNG file.",
            )


def _take(live: LiveStream) -> None:
    snapshot = live.track.snapshots.ask(timeout_s=WAIT_S)
    st.session_state[_KEPT] = NO_PICTURE if snapshot is None else _still(snapshot)


def _still(snapshot: Snapshot) -> _Still:
    shown, clean = snapshot.annotated_bgr, snapshot.clean_bgr
    small = [encode(within(picture, SHOWN_SIDE_PX), ".jpg") for picture in (shown, clean)]
    return _Still(
        (encode(shown, ".png"), encode(clean, ".png")),
        (small[0], small[1]),
        time.strftime("facestream-%Y%m%d-%H%M%S"),
        snapshot.hidden,
    )
