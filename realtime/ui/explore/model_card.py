"""One model's card as a piece of a page: what it is, learned from, is worth, costs and allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from realtime.results.classifiers import AccuracyRun, accuracy_of
from realtime.ui.explore.figures_table import figures_table
from realtime.ui.explore.model_accuracy import bare_faces, labelled_faces, other_figures

TITLES = {
    "emotion": "Emotion",
    "mask": "Mask",
    "gender": "Gender, network",
    "gender-svm": "Gender, eigenfaces",
    "detector": "Face detector",
    "landmarks68": "68 points, trees",
    "mesh68": "68 points, mesh",
}


def title(name: str) -> str:
    """A model's name in plain words; its folder's where there are none."""
    return TITLES.get(name, name)


def model_card(name: str, card: Mapping[str, Any], run: AccuracyRun | None) -> None:
    """Lay out what a card says.

    Args:
        name: the model's folder.
        card: its contents, as `models.card` reads them.
        run: the stored run of the accuracy benchmark, which has more figures than the card.
    """
    does = str(card["task"]).rpartition(": ")[2]
    st.header(title(name), anchor=False)
    st.markdown(f"{does[:1].upper()}{does[1:]}.")
    _facts(card)
    made, limits = st.columns([3, 2], gap="large")
    with made:
        st.subheader("What it learned from, and the terms", anchor=False)
        _sources(card["training"])
    with limits:
        st.subheader("Limits", anchor=False)
        st.markdown("\n".join(f"- {limit}" for limit in card["limits"]))
    metrics: Mapping[str, Any] = card.get("metrics", {})
    measured = run.models.get(name) if run else None
    accuracy = measured or accuracy_of(metrics)
    if accuracy.labelled:
        labelled_faces(name, accuracy.labelled)
    if accuracy.bare:
        bare_faces(accuracy.bare)
    if not (accuracy.labelled or accuracy.bare) and metrics:
        other_figures(metrics)
    if measured and run:
        st.caption(
            f"Figures from benchmarks/results/accuracy.json: {run.header.date}, "
            f"{run.header.machine}, code {run.header.commit}. Brackets are 95 % intervals."
        )
    else:
        st.caption(f"Figures from models/{name}/card.toml. Brackets are 95 % intervals.")
    _recipe(card)


def _facts(card: Mapping[str, Any]) -> None:
    speed: Mapping[str, Any] = card.get("speed", {})
    alone = speed.get("milliseconds_per_face_batch_1", speed.get("milliseconds_per_face"))
    size, side = int(card["size_bytes"]), card["input"]["side_px"]
    facts = {"Size": (f"{size / 1e6:.2f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB", "")}
    if alone is not None:
        covers = f" Covers: {speed['covers']}." if "covers" in speed else ""
        told = f"In {speed['threads']} thread of {speed['cpu']}.{covers}"
        facts["Time for a face"] = (f"{alone:.2f} ms", told)
    parameters = card["training"].get("parameters")
    if parameters:
        facts["Parameters"] = (f"{parameters:,}", "Numbers learned in training.")
    if side > 1:
        colour = "gray" if card["input"]["channels"] == 1 else "colour"
        facts["Input"] = (f"{side} px, {colour}", "The side of the square picture that it sees.")
    with st.container(horizontal=True, gap="medium"):
        for label, (value, about) in facts.items():
            st.metric(label, value, help=about or None, width="content")


def _sources(training: Mapping[str, Any]) -> None:
    rows = [
        {"set": name, "terms": terms.removeprefix(f"{name}: ")}
        for name, terms in zip(training["sets"], training["terms"], strict=True)
    ]
    figures_table("Training sets and their terms", rows)


def _recipe(card: Mapping[str, Any]) -> None:
    """How to make it again, for developers."""
    with st.expander("How it was made", icon=":material/build:"):
        st.code(card["training"]["command"], language="bash", wrap_lines=True)
        told = {k: v for k, v in card["training"].items() if k not in ("command", "sets", "terms")}
        rows = {**told, "input": card["input"]["preprocessing"], "SHA-256": card["sha256"]}
        unsure = card.get("unsure", {})
        rows |= {f"unsure: {key.replace('_', ' ')}": value for key, value in unsure.items()}
        shown = [{"what": k.replace("_", " "), "value": str(v)} for k, v in rows.items()]
        figures_table("How it was made", shown)
