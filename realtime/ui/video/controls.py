"""The video page's settings, used when the button is pressed."""

from __future__ import annotations

import streamlit as st

from realtime.attribute.registry import default_names
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.detect import DETECTORS, live_detector_names
from realtime.landmark.registry import LANDMARKERS
from realtime.ui.attribute_controls import attribute_toggles
from realtime.ui.persistent_controls import PersistentControls
from realtime.video.job import VideoSettings


def video_controls() -> VideoSettings:
    """Show the controls in one column and read them."""
    kept, usual = PersistentControls("video"), AnalysisSettings()
    detector = kept.select(
        "detector",
        "Detector",
        {name: DETECTORS[name].name for name in live_detector_names()},
        usual.detector,
        "The network that looks for faces. Once found, a face is followed by its mesh. Slower "
        "detectors are for photos only.",
    )
    st.caption(f"{DETECTORS[detector].strength}.")
    own = DETECTORS[detector].stream_min_score
    min_score = kept.threshold(
        f"min_score-{detector}",  # one for each: their scores do not mean the same
        "Certainty of a face",
        own,
        "How sure the detector must be. Lower finds more faces and more mistakes.",
    )
    points = kept.select(
        "points",
        "Landmarks",
        {key: entry.name for key, entry in LANDMARKERS.items()},
        usual.landmarks,
        "Which points of a face are drawn and measured.",
    )
    left, right = st.columns(2)
    with left:
        boxes = kept.toggle("boxes", "Boxes", True, "A box about every face, coloured by its mask.")
        labels = kept.toggle(
            "labels", "Labels and numbers", True,
            "Mask, emotion and how sure each is, with the number under which a face is followed. "
            "Nobody is identified.",
        )  # fmt: skip
        drawn = kept.toggle(
            "landmarks", "Draw landmarks", False, "The mesh's points as lines, dlib's as dots."
        )
        hiding = kept.hiding(
            "Make every face unrecognisable in the video and in the pictures of the faces, and "
            "every place where a face is only suspected. Takes longer."
        )
    with right:
        gaze = kept.toggle(
            "gaze", "Gaze", False, "Where the eyes look, relative to the head, from the irises."
        )
        attributes = attribute_toggles(kept.toggle, on=default_names())
        unsure = kept.toggle(
            "unsure", "Say when unsure", True,
            "Faces that are small, blurred, turned away or hard to tell are called unsure. "
            "Off: the best guess is always shown.",
        )  # fmt: skip
        measures = kept.toggle(
            "measures", "Head, eyes and mouth", False,
            "How the head is turned, how far eyes and mouth are open, and the blinks so far.",
        )  # fmt: skip
    analysis = AnalysisSettings(
        detector=detector,
        min_score=None if min_score == own else min_score,
        attributes=attributes,
        unsure=unsure,
        landmarks=points,
        measures=measures,
        gaze=gaze,
    )
    draw = DrawSettings(
        boxes=boxes, labels=labels, landmarks=drawn, hiding=hiding, measures=measures or gaze
    )
    return VideoSettings(analysis, draw)
