"""Details of a face where the pointer rests on it in the video."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from realtime.attribute.registry import ATTRIBUTES
from realtime.core.answers import UNSURE
from realtime.output.tables import label_names
from realtime.render.captions import label_caption
from realtime.ui.versioned import versioned
from realtime.ui.video.track_editor import track_names
from realtime.video.job import VideoResult
from realtime.video.people import Table
from realtime.video.track_names import TrackNames

MAX_ROWS = 6000  # sent to the page, about 500 KB; of longer videos, not every frame's
KEY = "video-hover"
# Names and what was made of them, for as long as the result is kept.
_sent: WeakKeyDictionary[VideoResult, tuple[TrackNames, dict[str, Any]]] = WeakKeyDictionary()
_JS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def hover_details(result: VideoResult, size_wh: tuple[int, int]) -> None:
    """Let the page show them; takes no room.

    Args:
        result: the video's result.
        size_wh: width and height of its frames in pixels.
    """
    names = track_names(result)
    known = _sent.get(result)
    if known is None or known[0] != names:
        steps = details(result.table.rows(), result.times_s, names)
        known = _sent[result] = (names, {"size": size_wh, "steps": steps})
    mount = st.components.v2.component("video_hover", js=_JS)
    mount(key=KEY, data=versioned(KEY, known[1]), height=0)


def details(rows: Table, times_s: NDArray[np.float64], names: TrackNames) -> list[dict[str, Any]]:
    """The faces at many times of the video, in the order of time: on every frame of a short one.

    Args:
        rows: from `FaceTable.rows`.
        times_s: (n,) times of the video's frames.
        names: what the tracks are called.

    Returns:
        For each time `at_s` and `faces`, with the `box` in pixels and the `text`.
    """
    if not len(rows):
        return []
    steps = np.arange(0, len(times_s), -(-len(rows) // MAX_ROWS))
    by_frame: dict[int, list[dict[str, Any]]] = {frame: [] for frame in steps.tolist()}
    for row in rows[np.isin(rows["frame"], steps)][:MAX_ROWS]:
        box = [round(float(row[name])) for name in ("x0", "y0", "x1", "y1")]
        lines = [names.title(int(row["track_id"])), *_labels(row)]
        by_frame[int(row["frame"])].append({"box": box, "text": "\n".join(lines)})
    return [{"at_s": round(float(times_s[f]), 2), "faces": faces} for f, faces in by_frame.items()]


def _labels(row: Any) -> list[str]:
    """What is said of one face on one frame, a line for each attribute."""
    lines = []
    for name, attribute in ATTRIBUTES.items():
        if row[name] < 0:
            continue
        label = label_names(attribute)[row[name]]
        if label == UNSURE:
            lines.append(attribute.caption(label))
            continue
        probs = {known: float(row[f"{name}_{known}"]) for known in attribute.labels}
        highest = max(probs.values())
        lines.append(label_caption(attribute, label, probs[label], highest=highest))
    return lines
