"""Choosing a face detector: which there are, what they are good for, and their own settings."""

from __future__ import annotations

import streamlit as st

from realtime.detect import DETECTORS, detector_entry
from realtime.detect.mtcnn import MtcnnThresholds
from realtime.detect.registry import DEFAULT_MEMBERS, mtcnn_name

LEAST_THRESHOLD, MOST_THRESHOLD = 0.3, 0.95  # of MTCNN's first two networks


def why_not_live() -> list[str]:
    """A sentence for each of the others."""
    return [e.live_refusal or e.missing for e in DETECTORS.values() if e.live_refusal or e.missing]


def others_explained() -> None:
    """Say, on request, why the live page does not offer every detector."""
    sentences = why_not_live()
    if sentences:
        with st.expander("Why not the other detectors?"):
            st.markdown("\n".join(f"- {sentence}" for sentence in sentences))


def why_slow(name: str) -> str:
    """A sentence on how long a slow detector takes; empty for a fast one."""
    return f"{words}." if (words := detector_entry(name).live_refusal.partition(":")[0]) else ""


def offered_detector(name: str) -> str:
    """The name as `photo_detector` would give it; empty where its controls cannot be set so."""
    base, _, rest = name.partition(":")
    if not rest:
        return name if name in DETECTORS else ""
    try:
        detector_entry(name)
        if base == "mtcnn":
            thresholds = [round(float(word), 2) for word in rest.split("/")]
            fit = all(LEAST_THRESHOLD <= value <= MOST_THRESHOLD for value in thresholds)
            return mtcnn_name(MtcnnThresholds(*thresholds)) if fit else ""
    except ValueError:
        return ""
    members = tuple(rest.split("+"))
    return _ensemble_name(members) if all(member in DETECTORS for member in members) else ""


def photo_detector(kept: str) -> str:
    """The control for still pictures; every detector is listed.

    Args:
        kept: the name chosen before.

    Returns:
        A name that `detector_entry` knows, with the chosen thresholds or members in it.
    """
    names, before = list(DETECTORS), kept.partition(":")[0]
    name = st.selectbox(
        "Detector",
        names,
        index=names.index(before) if before in names else 0,
        format_func=lambda n: DETECTORS[n].name,
        help="The network that looks for faces. Those made for one size of face look at parts of "
        "the picture as well.",
        key="photo-detector",
    )
    if name == "mtcnn":
        name = _mtcnn(kept)
    elif name == "ensemble":
        name = _ensemble(kept)
    entry = detector_entry(name)
    st.caption(f"{entry.strength}.")
    if entry.missing:
        st.warning(entry.missing)
    return name


def _mtcnn(kept: str) -> str:
    usual = MtcnnThresholds()
    words = kept.removeprefix("mtcnn:").split("/") if kept.startswith("mtcnn:") else []
    propose, refine = map(float, words) if words else (usual.propose, usual.refine)
    with st.expander("Thresholds of MTCNN's first two networks"):
        propose = st.slider(
            "Proposing", LEAST_THRESHOLD, MOST_THRESHOLD, propose, 0.05, key="photo-propose",
            help="The first network looks everywhere. Lower proposes more places and takes longer.",
        )  # fmt: skip
        refine = st.slider(
            "Refining", LEAST_THRESHOLD, MOST_THRESHOLD, refine, 0.05, key="photo-refine",
            help="The second looks at what the first proposed. The third's is the certainty below.",
        )  # fmt: skip
    return mtcnn_name(MtcnnThresholds(propose, refine))


def _ensemble(kept: str) -> str:
    before = kept.removeprefix("ensemble:").split("+") if kept.startswith("ensemble:") else []
    members = st.multiselect(
        "Members",
        [name for name in DETECTORS if name != "ensemble"],
        default=before or list(DEFAULT_MEMBERS),
        format_func=lambda n: DETECTORS[n].name,
        help="What they say of one face is fused into one box. The picture is shown to each whole.",
        key="photo-members",
    )
    if len(members) < 2:
        st.caption("An ensemble needs two members or more: the usual ones are asked.")
        return "ensemble"
    return _ensemble_name(tuple(members))


def _ensemble_name(members: tuple[str, ...]) -> str:
    return "ensemble" if members == DEFAULT_MEMBERS else f"ensemble:{'+'.join(members)}"
