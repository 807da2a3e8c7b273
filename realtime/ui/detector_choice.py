"""Choosing a face detector: which there are, what they are good for, and their own settings."""

from __future__ import annotations

import streamlit as st

from realtime.detect import DETECTORS, detector_entry
from realtime.detect.mtcnn import MtcnnThresholds
from realtime.detect.registry import USUAL_MEMBERS, mtcnn_name


def why_not_live() -> list[str]:
    """A sentence for each of the others."""
    return [e.not_live or e.missing for e in DETECTORS.values() if e.not_live or e.missing]


def others_explained() -> None:
    """Say, on request, why the live page does not offer every detector."""
    sentences = why_not_live()
    if sentences:
        with st.expander("Why not the other detectors?"):
            st.markdown("\n".join(f"- {sentence}" for sentence in sentences))


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
            "Proposing", 0.3, 0.95, propose, 0.05,
            help="The first network looks everywhere. Lower proposes more places and takes longer.",
        )  # fmt: skip
        refine = st.slider(
            "Refining", 0.3, 0.95, refine, 0.05,
            help="The second looks at what the first proposed. The third's is the certainty below.",
        )  # fmt: skip
    return mtcnn_name(MtcnnThresholds(propose, refine))


def _ensemble(kept: str) -> str:
    before = kept.removeprefix("ensemble:").split("+") if kept.startswith("ensemble:") else []
    members = st.multiselect(
        "Members",
        [name for name in DETECTORS if name != "ensemble"],
        default=before or list(USUAL_MEMBERS),
        format_func=lambda n: DETECTORS[n].name,
        help="What they say of one face is fused into one box. The picture is shown to each whole.",
    )
    if len(members) < 2:
        st.caption("An ensemble needs two members or more: the usual ones are asked.")
        return "ensemble"
    return "ensemble" if tuple(members) == USUAL_MEMBERS else f"ensemble:{'+'.join(members)}"
