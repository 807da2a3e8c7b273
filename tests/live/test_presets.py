"""Presets of the live page."""

from __future__ import annotations

import pytest

from realtime.attribute.registry import ATTRIBUTES
from realtime.ui.live.presets import DEFAULT, PRESETS, default, matching
from realtime.ui.persistent_controls import HIDING_OPTIONS


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_sets_the_same_controls_and_is_recognised(name: str) -> None:
    values = PRESETS[name].values
    assert set(values) == set(PRESETS[DEFAULT].values)
    assert set(ATTRIBUTES) <= set(values)
    assert values["hiding"] in HIDING_OPTIONS
    assert matching({**values, "mirror": True}) == name


def test_a_changed_control_belongs_to_no_preset() -> None:
    assert matching({**PRESETS["research"].values, "boxes": False}) is None


def test_nothing_alarms_and_nothing_is_hidden_by_default() -> None:
    assert default("mask_alert") is False
    assert default("hiding") == "Off"
    assert default("colour_by") not in ATTRIBUTES
    assert [n for n, p in PRESETS.items() if p.values["mask_alert"]] == ["mask_check"]
