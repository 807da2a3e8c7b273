"""Controls that choose a face detector and its options."""

from __future__ import annotations

from functools import cache

import streamlit as st

from realtime.detect import DETECTORS, detector_entry
from realtime.detect.mtcnn import MtcnnThresholds
from realtime.detect.registry import DEFAULT_MEMBERS, mtcnn_name
from realtime.results.detectors import DETECTION
from realtime.results.stored import ResultsError

MIN_THRESHOLD, MAX_THRESHOLD = 0.3, 0.95  # of MTCNN's first two networks


def live_refusals() -> list[str]:
    """Sentences on why detectors are not offered on the live page, one each."""
    return [e.live_refusal or e.missing for e in DETECTORS.values() if e.live_refusal or e.missing]


def other_detectors() -> None:
    """Show an expander that explains which detectors the live page does not offer, and why."""
    sentences = live_refusals()
    if sentences:
        with st.expander("Other detectors"):
            st.markdown("\n".join(f"- {sentence}" for sentence in sentences))


def speed_note(name: str) -> str:
    """A sentence on how slow a detector is; empty if it is fast enough for live video.

    Its time per frame comes from the stored benchmark, where it was measured.
    """
    note = detector_entry(name).live_refusal.partition(":")[0]
    took_ms = _measured_ms().get(name)
    if note and took_ms is not None:
        note += f" ({took_ms:.0f} ms per 640×480 frame in the stored benchmark)"
    return f"{note}." if note else ""


@cache
def _measured_ms() -> dict[str, float]:
    """The stored median time per frame of each detector; empty without results."""
    try:
        detectors = DETECTION.read().detectors
    except ResultsError:
        return {}
    return {detector.name: detector.ms for detector in detectors if detector.ms is not None}


def parse_detector(name: str) -> str:
    """Normalise a detector name that `photo_detector` could return.

    Args:
        name: a name from outside, such as a query parameter.

    Returns:
        The name as `photo_detector` would return it; empty if its controls cannot represent it.
    """
    base, _, options = name.partition(":")
    if not options:
        return name if name in DETECTORS else ""
    try:
        detector_entry(name)
        if base == "mtcnn":
            thresholds = [round(float(option), 2) for option in options.split("/")]
            in_range = all(MIN_THRESHOLD <= value <= MAX_THRESHOLD for value in thresholds)
            return mtcnn_name(MtcnnThresholds(*thresholds)) if in_range else ""
    except ValueError:
        return ""
    members = tuple(options.split("+"))
    return _ensemble_name(members) if all(member in DETECTORS for member in members) else ""


def photo_detector(current: str) -> str:
    """Show the detector controls for photos, which offer every detector.

    Args:
        current: the name chosen so far.

    Returns:
        A name for `detector_entry`, including the chosen thresholds or members.
    """
    names, base = list(DETECTORS), current.partition(":")[0]
    name = st.selectbox(
        "Detector",
        names,
        index=names.index(base) if base in names else 0,
        # The ensemble's own name lists its members and does not fit.
        format_func=lambda n: "Ensemble" if n == "ensemble" else DETECTORS[n].name,
        help="The method of face detection. Detectors made for one face size also process parts of "
        "the photo.",
        key="photo-detector",
    )
    if name == "mtcnn":
        name = _mtcnn(current)
    elif name == "ensemble":
        name = _ensemble(current)
    entry = detector_entry(name)
    st.caption(f"{entry.strength}.")
    if entry.missing:
        st.warning(entry.missing)
    return name


def _mtcnn(current: str) -> str:
    default = MtcnnThresholds()
    options = current.removeprefix("mtcnn:").split("/") if current.startswith("mtcnn:") else []
    propose, refine = map(float, options) if options else (default.propose, default.refine)
    with st.expander("MTCNN thresholds"):
        propose = st.slider(
            "Proposal threshold", MIN_THRESHOLD, MAX_THRESHOLD, propose, 0.05, key="photo-propose",
            help="For the first network, which scans the whole photo. Lower values propose more "
            "candidates and take longer.",
        )  # fmt: skip
        refine = st.slider(
            "Refinement threshold", MIN_THRESHOLD, MAX_THRESHOLD, refine, 0.05, key="photo-refine",
            help="For the second network, which filters the candidates. “Detection threshold” "
            "applies to the third.",
        )  # fmt: skip
    return mtcnn_name(MtcnnThresholds(propose, refine))


def _ensemble(current: str) -> str:
    chosen = current.removeprefix("ensemble:").split("+") if current.startswith("ensemble:") else []
    members = st.multiselect(
        "Members",
        [name for name in DETECTORS if name != "ensemble"],
        default=chosen or list(DEFAULT_MEMBERS),
        format_func=lambda n: DETECTORS[n].name,
        help="Each detector processes the whole photo; their boxes for the same face are fused.",
        key="photo-members",
    )
    if len(members) < 2:
        st.caption("Choose at least two members. Until then, the default members are used.")
        return "ensemble"
    return _ensemble_name(tuple(members))


def _ensemble_name(members: tuple[str, ...]) -> str:
    return "ensemble" if members == DEFAULT_MEMBERS else f"ensemble:{'+'.join(members)}"
