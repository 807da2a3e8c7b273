"""The live page's settings: each takes effect with the next frame."""

from __future__ import annotations

import streamlit as st

from realtime.attribute.registry import default_names
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.detect import DETECTORS, live_detector_names
from realtime.landmark.registry import LANDMARKERS
from realtime.live.frame_processor import StreamSettings
from realtime.ui.attribute_controls import attribute_toggles
from realtime.ui.detector_choice import other_detectors
from realtime.ui.persistent_controls import PersistentControls

_ALERT = "mask_alert"


def live_controls() -> StreamSettings:
    """Show the controls in three columns (one on a phone) and read them."""
    find, show, protect = st.columns(3, gap="large")
    with find:
        st.markdown("**Find**")
        detector, min_score, max_faces = _detection_controls()
        points = _landmark_control()
    with show:
        st.markdown("**Show**")
        boxes = _toggle("boxes", "Boxes", True, "A box about each face, coloured by its mask.")
        labels = _toggle(
            "labels", "Labels and numbers", True,
            "Mask, emotion and how sure each is, with the number under which a face is followed. "
            "Numbers end with the stream; nobody is identified.",
        )  # fmt: skip
        landmarks = _toggle(
            "landmarks",
            "Landmarks",
            False,
            "The chosen points: the mesh's as lines, dlib's as dots.",
        )
        measures = _toggle(
            "measures", "Head, eyes and mouth", False,
            "How the head is turned, how far eyes and mouth are open, and the blinks so far.",
        )  # fmt: skip
        gaze = _toggle(
            "gaze", "Gaze", False, "Where the eyes look, relative to the head, from the irises."
        )
        stats = _toggle(
            "stats", "Figures in the picture", False,
            "Frames a second, the age of the analysis drawn, and the camera's frames left out.",
        )  # fmt: skip
        mirror = _toggle("mirror", "Mirror", True, "Flip left and right, as a mirror does.")
    with protect:
        st.markdown("**Name and protect**")
        attributes = attribute_toggles(_toggle, on=default_names())
        unsure = _toggle(
            "unsure", "Say when unsure", True,
            "Faces that are small, blurred, turned away or hard to tell are called unsure. "
            "Off: the best guess is always shown.",
        )  # fmt: skip
        hiding = PersistentControls("live").hiding(
            "Make every face unrecognisable on the server, before a frame is sent back. Where a "
            "frame cannot be analysed, the whole of it is hidden."
        )
        _toggle(
            _ALERT, "Warn of missing masks", False,
            "Show a warning beside the picture while somebody has surely worn no mask for a "
            "second. Needs “Masks”.",
        )  # fmt: skip
        st.caption(
            "Frames are analysed in the server's memory and then forgotten; what was found is kept "
            "there until you leave or start anew, pictures only if you press Snapshot or Record. "
            "Nothing is sent elsewhere. An emotion is a guess from a picture and often wrong."
        )
    analysis = AnalysisSettings(
        detector=detector,
        min_score=min_score,
        max_faces=max_faces,
        attributes=attributes,
        unsure=unsure,
        landmarks=points,
        measures=measures,
        gaze=gaze,
    )
    draw = DrawSettings(
        boxes=boxes,
        labels=labels,
        landmarks=landmarks,
        stats=stats,
        hiding=hiding,
        measures=measures or gaze,
    )
    return StreamSettings(analysis, draw, mirror)


def _detection_controls() -> tuple[str, float | None, int]:
    default, kept = AnalysisSettings(), PersistentControls("live")
    key = kept.key("detector", default.detector)
    detector = st.selectbox(
        "Detector",
        live_detector_names(),
        format_func=lambda name: DETECTORS[name].name,
        key=key,
        help="The network that looks for faces. Once found, a face is followed by its mesh.",
    )
    st.caption(DETECTORS[detector].strength)
    other_detectors()
    score = f"min_score-{detector}"  # one for each: their scores do not mean the same
    min_score = st.slider(
        "Certainty of a face",
        min_value=0.05,
        max_value=0.95,
        step=0.01,
        key=kept.key(score, DETECTORS[detector].stream_min_score),
        help="How sure the detector must be. Lower finds more faces and more mistakes.",
    )
    max_faces = st.slider(
        "Most faces",
        min_value=1,
        max_value=32,
        key=kept.key("max_faces", default.max_faces),
        help="The largest faces are kept. Each face costs the server a little time per frame.",
    )
    kept.store("detector", score, "max_faces")
    chosen = None if min_score == DETECTORS[detector].stream_min_score else min_score
    return detector, chosen, max_faces


def _landmark_control() -> str:
    return PersistentControls("live").select(
        "points",
        "Landmarks",
        {key: entry.name for key, entry in LANDMARKERS.items()},
        AnalysisSettings().landmarks,
        "Which points of a face are drawn and measured. A face is followed by its mesh in any "
        "case.",
    )


def _toggle(name: str, label: str, default: bool, help_text: str) -> bool:
    return PersistentControls("live").toggle(name, label, default, help_text)


def mask_alert_wanted() -> bool:
    """Whether the viewer wants to be warned of missing masks; after `live_controls`."""
    return bool(st.session_state[f"live-{_ALERT}"])
