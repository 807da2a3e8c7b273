"""Presets of the live page: one choice that sets several controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from realtime.attribute.registry import ATTRIBUTES, EMOTION, MASK, default_names

NEUTRAL = "neutral"  # all boxes in one colour

Value = bool | str
_BASE: dict[str, Value] = {
    **{name: name in default_names() for name in ATTRIBUTES},
    "boxes": True,
    "labels": True,
    "landmarks": False,
    "measures": False,
    "gaze": False,
    "stats": False,
    "mask_alert": False,
    "hiding": "Off",
    "colour_by": NEUTRAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Values for the controls of the live page.

    Attributes:
        title: what the choice says.
        about: what it is for, as a sentence.
        values: a value for each control that presets set.
    """

    title: str
    about: str
    values: Mapping[str, Value]


PRESETS: dict[str, Preset] = {
    "expressions": Preset(
        title="Expressions",
        about="Emotions and masks, boxes in one colour.",
        values=_BASE,
    ),
    "mask_check": Preset(
        title="Mask check",
        about="Masks only: boxes coloured by mask, counts, and an alert for missing masks.",
        values=_BASE | {EMOTION.name: False, "mask_alert": True, "colour_by": MASK.name},
    ),
    "privacy": Preset(
        title="Privacy",
        about="Faces are blurred on the server, and nothing is classified.",
        values=_BASE | dict.fromkeys(ATTRIBUTES, False) | {"hiding": "Blur"},
    ),
    "research": Preset(
        title="Research",
        about="Everything: landmarks, head pose, performance, and gaze where it is installed.",
        values=_BASE | dict.fromkeys(("landmarks", "measures", "gaze", "stats"), True),
    ),
}
DEFAULT = "expressions"


def default(control: str) -> Value:
    """The value that a control has on the first visit."""
    return PRESETS[DEFAULT].values[control]


def matching(values: Mapping[str, Value]) -> str | None:
    """The preset with exactly these values; None if there is none.

    Args:
        values: the current values of at least the controls that presets set.
    """
    for name, preset in PRESETS.items():
        if all(values[control] == value for control, value in preset.values.items()):
            return name
    return None
