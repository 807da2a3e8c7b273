"""The card of one model: how often it is right, its limits, accuracy, and how it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from realtime.results.classifiers import AccuracyRun, parse_accuracy
from realtime.ui.explore.model_accuracy import (
    default_set,
    headline,
    show_accuracy,
    show_bare_faces,
    show_other_metrics,
)
from realtime.ui.explore.results_table import results_table

# Also the values of the query parameter `model`.
MODEL_TITLES = {
    "emotion": "Emotion",
    "mask": "Mask",
    "gender": "Gender, network",
    "gender-svm": "Gender, eigenfaces",
    "detector": "Face detector",
    "mesh": "Face mesh",
    "landmarks68": "68 points, trees",
    "mesh68": "68 points, mesh",
    "cnn68": "68 points, network",
}


def model_title(name: str) -> str:
    """The display name of a model; the name of its folder if it has none."""
    return MODEL_TITLES.get(name, name)


def model_card(name: str, card: Mapping[str, Any], run: AccuracyRun | None) -> None:
    """Show a model card.

    Args:
        name: The model's folder.
        card: The card, as `models.card` reads it.
        run: The stored run of the accuracy benchmark, which has more results than the card.
    """
    purpose = str(card["task"]).rpartition(": ")[2]
    st.header(model_title(name), anchor=False)
    st.markdown(f"{purpose[:1].upper()}{purpose[1:]}.")
    metrics: Mapping[str, Any] = card.get("metrics", {})
    measured = run.models.get(name) if run else None
    accuracy = measured or parse_accuracy(metrics)
    if accuracy.labelled:
        st.markdown(headline(default_set(name, accuracy.labelled)))
    _show_facts(card)
    st.subheader("Limits", anchor=False)
    st.markdown("\n".join(f"- {limit}" for limit in card["limits"]))
    if accuracy.labelled:
        show_accuracy(name, accuracy.labelled)
    if accuracy.bare:
        show_bare_faces(accuracy.bare)
    if not (accuracy.labelled or accuracy.bare) and metrics:
        show_other_metrics(metrics)
    if measured and run:
        environment = run.environment
        source = (
            f"benchmarks/results/accuracy.json, {environment.date}, {environment.machine}, "
            f"commit {environment.commit}"
        )
    else:
        source = f"models/{name}/card.toml"
    st.caption(f"Source: {source}. Intervals are 95 % bootstrap intervals.")
    with st.expander("Training data and licences", icon=":material/database:"):
        _show_sources(card["training"])
    _show_details(card)


def _show_facts(card: Mapping[str, Any]) -> None:
    speed: Mapping[str, Any] = card.get("speed", {})
    ms = speed.get("milliseconds_per_face_batch_1", speed.get("milliseconds_per_face"))
    size, side = int(card["size_bytes"]), card["input"]["side_px"]
    facts = {"Size": (f"{size / 1e6:.2f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB", "")}
    if ms is not None:
        covers = f" Includes: {speed['covers']}." if "covers" in speed else ""
        threads = f"{speed['threads']} thread{'s' if speed['threads'] != 1 else ''}"
        facts["Time per face"] = (f"{ms:.2f} ms", f"On {threads} of {speed['cpu']}.{covers}")
    parameters = card["training"].get("parameters")
    if parameters:
        facts["Parameters"] = (f"{parameters:,}", "Number of trained weights.")
    if side > 1:
        colour = "gray" if card["input"]["channels"] == 1 else "colour"
        facts["Input"] = (f"{side} px, {colour}", "Side of the square input image.")
    with st.container(horizontal=True, gap="medium"):
        for label, (value, description) in facts.items():
            st.metric(label, value, help=description or None, width="content")


def _show_sources(training: Mapping[str, Any]) -> None:
    rows = [
        {"data set": name, "licence": terms.removeprefix(f"{name}: ")}
        for name, terms in zip(training["sets"], training["terms"], strict=True)
    ]
    results_table("Training data sets and licences", rows)


def _show_details(card: Mapping[str, Any]) -> None:
    """Show how to train the model again, for developers."""
    with st.expander("Training details", icon=":material/build:"):
        st.code(card["training"]["command"], language="bash", wrap_lines=True)
        details = {
            key: value
            for key, value in card["training"].items()
            if key not in ("command", "sets", "terms")
        }
        details |= {"input": card["input"]["preprocessing"], "SHA-256": card["sha256"]}
        details |= {f"unsure: {key}": value for key, value in card.get("unsure", {}).items()}
        rows = [
            {"setting": key.replace("_", " "), "value": str(value)}
            for key, value in details.items()
        ]
        results_table("Training details", rows)
