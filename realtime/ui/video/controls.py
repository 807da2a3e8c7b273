"""The video page's settings; they apply when the analysis starts."""

from __future__ import annotations

import streamlit as st

from realtime.attribute.registry import ATTRIBUTES, default_names
from realtime.core.settings import TRACK, AnalysisSettings, DrawSettings
from realtime.detect import DETECTORS, live_detector_names
from realtime.landmark.registry import gaze_missing
from realtime.ui.attribute_controls import attribute_toggles
from realtime.ui.landmark_choice import GAZE, landmark_titles
from realtime.ui.persistent_controls import PersistentControls
from realtime.video.job import VideoSettings


def video_controls() -> VideoSettings:
    """Show the controls in one column and read them."""
    controls, default = PersistentControls("video"), AnalysisSettings()
    detector = controls.select(
        "detector",
        "Detector",
        {name: DETECTORS[name].name for name in live_detector_names()},
        default.detector,
        "The face detection network. Detected faces are then tracked with the mesh. Slow "
        "detectors are available for photos only.",
    )
    st.caption(f"{DETECTORS[detector].strength}.")
    default_score = DETECTORS[detector].stream_min_score
    min_score = controls.threshold(
        f"min_score-{detector}",  # per detector, as their scores are not comparable
        "Detection threshold",
        default_score,
        "Minimum confidence of a detection. Lower values find more faces, with more false "
        "detections. Photos have another default, because a photo is searched several times.",
    )
    points = controls.select(
        "points",
        "Landmarks",
        landmark_titles(),
        default.landmarks,
        "The points of a face to draw. Tracking and measurements always use the mesh.",
    )
    left, right = st.columns(2)
    with left:
        boxes = controls.toggle("boxes", "Boxes", True, "A box around each face.")
        labels = controls.toggle(
            "labels", "Labels and numbers", True,
            "Mask, emotion and confidence, and the track number. Nobody is identified.",
        )  # fmt: skip
        landmarks = controls.toggle(
            "landmarks", "Draw landmarks", False, "The mesh as lines, the 68 points as dots."
        )
        gaze = controls.toggle("gaze", "Gaze", False, GAZE, gaze_missing())
    with right:
        attributes = attribute_toggles(controls.toggle, on=default_names())
    # Not in a column: these labels would wrap.
    measures = controls.toggle(
        "measures", "Head pose, eyes and mouth", False,
        "Head angles, eye and mouth opening, and number of blinks.",
    )  # fmt: skip
    unsure = controls.toggle(
        "unsure", 'Show "unsure" for uncertain results', True,
        "A label is unsure if the face is small, blurred or turned away, or the confidence is low. "
        "Turn off to always show the most likely label.",
    )  # fmt: skip
    colours = {name: a.title for name, a in ATTRIBUTES.items() if a.colours}
    colour_by = controls.select(
        "colour_by",
        "Box colour",
        {**colours, TRACK: "Track"},
        next(iter(colours)),
        "What the colour of a box stands for: a label, or which face it is.",
    )
    hiding = controls.hiding(
        "Hide every face in the video and in the face pictures, including low-confidence "
        "detections. Takes longer."
    )
    analysis = AnalysisSettings(
        detector=detector,
        min_score=None if min_score == default_score else min_score,
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
        hiding=hiding,
        measures=measures or gaze,
        colour_by="" if colour_by == next(iter(colours)) else colour_by,
    )
    return VideoSettings(analysis, draw)
