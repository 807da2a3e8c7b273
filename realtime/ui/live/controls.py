"""The live page's settings; changes take effect with the next frame."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from realtime.attribute.registry import EMOTION, MASK, default_names
from realtime.core.settings import TRACK, AnalysisSettings, DrawSettings, Hiding
from realtime.detect import DETECTORS, live_detector_names
from realtime.landmark.registry import gaze_missing
from realtime.live.frame_processor import StreamSettings
from realtime.ui.attribute_controls import attribute_toggles
from realtime.ui.detector_choice import other_detectors
from realtime.ui.landmark_choice import GAZE, landmark_titles
from realtime.ui.live.presets import NEUTRAL, default
from realtime.ui.persistent_controls import PersistentControls

_ALERT, _COLOUR = "mask_alert", "colour_by"
BOX_COLOURS = {NEUTRAL: "One colour", MASK.name: "Mask", EMOTION.name: "Emotion", TRACK: "Face"}
DRAWING = {"browser": "In the browser", "server": "On the server"}
DEFAULT_DRAWING = "server"


def live_controls(hiding: Hiding | None = None, *, shown: bool = True) -> StreamSettings:
    """Show the controls and read them.

    Args:
        hiding: how faces are hidden, which is chosen elsewhere.
        shown: whether to show them; otherwise their values are only read, which is faster.
    """
    controls = PersistentControls("live", shown=shown)
    heading = st.markdown if shown else _no_text
    heading("**Labels**")
    attributes = attribute_toggles(controls.toggle, on=default_names())
    unsure = controls.toggle(
        "unsure", 'Show "unsure" for uncertain results', True,
        "A label is unsure if the face is small, blurred or turned away, or the confidence is "
        "low. Turn off to always show the most likely label.",
    )  # fmt: skip
    controls.toggle(
        _ALERT, "Alert when someone has no mask", bool(default(_ALERT)),
        "Show an alert below the picture when a face has had no mask for one second. Requires "
        "“Masks”.",
    )  # fmt: skip
    heading("**Display**")
    draw = _display_controls(controls, hiding)
    mirror = controls.toggle("mirror", "Mirror", True, "Flip the picture horizontally.")
    overlay = _drawing_control(controls) == "browser"
    heading("**Detection**")
    analysis = _detection_controls(controls)
    analysis = replace(
        analysis, attributes=attributes, unsure=unsure,
        measures=bool(controls.value("measures", False)),
        gaze=bool(controls.value("gaze", False)) and not gaze_missing(),
    )  # fmt: skip
    return StreamSettings(analysis, draw, mirror, overlay)


def mask_alert_enabled() -> bool:
    """Whether the viewer turned on the missing-mask alert; call after `live_controls`."""
    return bool(PersistentControls("live").value(_ALERT, default(_ALERT)))


def masks_coloured() -> bool:
    """Whether boxes are coloured by mask, and masks counted; call after `live_controls`."""
    return bool(PersistentControls("live").value(_COLOUR, default(_COLOUR)) == MASK.name)


def _no_text(_text: str) -> None:
    """Show nothing."""


def _display_controls(controls: PersistentControls, hiding: Hiding | None) -> DrawSettings:
    boxes = controls.toggle("boxes", "Boxes", True, "A box around each face.")
    colour_by = controls.select(
        _COLOUR, "Box colour", BOX_COLOURS, str(default(_COLOUR)),
        "What colours the boxes. By mask, faces are also counted by mask.",
    )  # fmt: skip
    labels = controls.toggle(
        "labels", "Labels and numbers", True,
        "Mask, emotion and confidence, and the track number. Numbers end with the stream; "
        "nobody is identified.",
    )  # fmt: skip
    landmarks = controls.toggle(
        "landmarks", "Draw landmarks", False, "The mesh as lines, the 68 points as dots."
    )
    measures = controls.toggle(
        "measures", "Head pose, eyes and mouth", False,
        "Head angles, eye and mouth opening, and number of blinks.",
    )  # fmt: skip
    gaze = controls.toggle("gaze", "Gaze", False, GAZE, gaze_missing())
    stats = controls.toggle(
        "stats", "Show performance stats", False,
        "Frame rate, latency and dropped frames, drawn on the picture.",
    )  # fmt: skip
    return DrawSettings(
        boxes=boxes,
        labels=labels,
        landmarks=landmarks,
        stats=stats,
        hiding=hiding,
        measures=measures or gaze,
        colour_by=colour_by,
    )


def _detection_controls(controls: PersistentControls) -> AnalysisSettings:
    """Detector and landmarks; the other settings are left at their defaults."""
    standard = AnalysisSettings()
    names = {name: DETECTORS[name].name for name in live_detector_names()}
    detector = controls.select(
        "detector", "Detector", names, standard.detector,
        "The face detection network. Detected faces are then tracked with the mesh.",
    )  # fmt: skip
    if controls.shown:
        st.caption(f"{DETECTORS[detector].strength}.")
        other_detectors()
    own_score = DETECTORS[detector].stream_min_score
    min_score = controls.threshold(
        f"min_score-{detector}",  # per detector, as their scores are not comparable
        "Detection threshold", own_score,
        "Minimum confidence of a detection. Lower values find more faces, with more false "
        "detections. Photos have another default, because a photo is searched several times.",
    )  # fmt: skip
    max_faces = controls.number(
        "max_faces", "Maximum faces", 1, 32, standard.max_faces,
        "Only the largest faces are analysed. Each face takes some time per frame.",
    )  # fmt: skip
    points = controls.select(
        "points", "Landmarks", landmark_titles(),
        standard.landmarks,
        "The points of a face to draw. Tracking and measurements always use the mesh.",
    )  # fmt: skip
    return AnalysisSettings(
        detector=detector,
        min_score=None if min_score == own_score else min_score,
        max_faces=max_faces,
        landmarks=points,
    )


def _drawing_control(controls: PersistentControls) -> str:
    if not controls.shown:
        return str(controls.value("drawing", DEFAULT_DRAWING))
    key = controls.key("drawing", DEFAULT_DRAWING)
    drawing = st.segmented_control(
        "Drawing",
        list(DRAWING),
        format_func=DRAWING.__getitem__,
        default=st.session_state[key],
        key=key,
        help="In the browser: your camera's picture is shown without delay, and boxes and labels "
        "are drawn over it. On the server: the picture comes back with everything drawn on it, a "
        "moment later. The server also draws while faces are hidden.",
        required=True,
    )
    controls.store("drawing")
    return str(drawing)
