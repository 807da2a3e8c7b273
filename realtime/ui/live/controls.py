"""The live page's settings; changes take effect with the next frame."""

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
DRAWING = {"browser": "In the browser", "server": "On the server"}
DEFAULT_DRAWING = "server"


def live_controls() -> StreamSettings:
    """Show the controls in three columns (one on a phone) and read them."""
    detection, display, privacy = st.columns(3, gap="large")
    with detection:
        st.markdown("**Detection**")
        detector, min_score, max_faces = _detection_controls()
        points = _landmark_control()
    with display:
        st.markdown("**Display**")
        boxes = _toggle("boxes", "Boxes", True, "A box around each face, coloured by mask label.")
        labels = _toggle(
            "labels", "Labels and numbers", True,
            "Mask, emotion and confidence, and the track number. Numbers end with the stream; "
            "nobody is identified.",
        )  # fmt: skip
        landmarks = _toggle(
            "landmarks", "Draw landmarks", False, "The mesh as lines, the 68 points as dots."
        )
        measures = _toggle(
            "measures", "Head pose, eyes and mouth", False,
            "Head angles, eye and mouth opening, and number of blinks.",
        )  # fmt: skip
        gaze = _toggle(
            "gaze", "Gaze", False, "Gaze direction relative to the head, estimated from the irises."
        )
        stats = _toggle(
            "stats", "Show performance stats", False,
            "Frame rate, latency and dropped frames, drawn on the picture.",
        )  # fmt: skip
        mirror = _toggle("mirror", "Mirror", True, "Flip the picture horizontally.")
        overlay = _drawing_control() == "browser"
    with privacy:
        st.markdown("**Labels and privacy**")
        attributes = attribute_toggles(_toggle, on=default_names())
        unsure = _toggle(
            "unsure", 'Show "unsure" for uncertain results', True,
            "A label is unsure if the face is small, blurred or turned away, or the confidence is "
            "low. Turn off to always show the most likely label.",
        )  # fmt: skip
        hiding = PersistentControls("live").hiding(
            "Hide every face on the server, before frames are sent back. Frames that cannot be "
            "analysed are hidden entirely."
        )
        _toggle(
            _ALERT, "Alert when someone has no mask", False,
            "Show an alert beside the picture when a face has had no mask for one second. Requires "
            "“Masks”.",
        )  # fmt: skip
        st.caption(
            "Frames are analysed in server memory, then discarded. Results stay in memory until "
            "you leave or start again; pictures are saved only if you press Snapshot or Record. "
            "Emotions are estimates and often wrong."
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
    return StreamSettings(analysis, draw, mirror, overlay)


def mask_alert_enabled() -> bool:
    """Whether the viewer turned on the missing-mask alert; call after `live_controls`."""
    return bool(st.session_state[f"live-{_ALERT}"])


def _detection_controls() -> tuple[str, float | None, int]:
    default, controls = AnalysisSettings(), PersistentControls("live")
    detector = st.selectbox(
        "Detector",
        live_detector_names(),
        format_func=lambda name: DETECTORS[name].name,
        key=controls.key("detector", default.detector),
        help="The face detection network. Detected faces are then tracked with the mesh.",
    )
    st.caption(f"{DETECTORS[detector].strength}.")
    other_detectors()
    threshold = f"min_score-{detector}"  # per detector, as their scores are not comparable
    min_score = st.slider(
        "Detection threshold",
        min_value=0.05,
        max_value=0.95,
        step=0.01,
        key=controls.key(threshold, DETECTORS[detector].stream_min_score),
        help="Minimum confidence of a detection. Lower values find more faces, with more false "
        "detections.",
    )
    max_faces = st.slider(
        "Maximum faces",
        min_value=1,
        max_value=32,
        key=controls.key("max_faces", default.max_faces),
        help="Only the largest faces are analysed. Each face takes some time per frame.",
    )
    controls.store("detector", threshold, "max_faces")
    chosen = None if min_score == DETECTORS[detector].stream_min_score else min_score
    return detector, chosen, max_faces


def _landmark_control() -> str:
    return PersistentControls("live").select(
        "points",
        "Landmarks",
        {key: entry.name for key, entry in LANDMARKERS.items()},
        AnalysisSettings().landmarks,
        "The points of a face to draw. Tracking and measurements always use the mesh.",
    )


def _drawing_control() -> str:
    controls = PersistentControls("live")
    drawing = st.segmented_control(
        "Drawing",
        list(DRAWING),
        format_func=DRAWING.__getitem__,
        key=controls.key("drawing", DEFAULT_DRAWING),
        help="In the browser: your camera's picture is shown without delay, and boxes and labels "
        "are drawn over it. On the server: the picture comes back with everything drawn on it, a "
        "moment later. The server also draws while faces are hidden.",
        required=True,
    )
    controls.store("drawing")
    return str(drawing)


def _toggle(name: str, label: str, default: bool, help_text: str) -> bool:
    return PersistentControls("live").toggle(name, label, default, help_text)
