"""Toggles for the attributes in the registry."""

from __future__ import annotations

from collections.abc import Callable

from realtime.attribute.registry import ATTRIBUTES

Toggle = Callable[[str, str, bool, str], bool]  # name, label, default, help


def attribute_toggles(toggle: Toggle, *, on: frozenset[str]) -> frozenset[str]:
    """Show a toggle for each attribute.

    Args:
        toggle: shows one toggle and returns its value.
        on: names of the attributes that are initially on.

    Returns:
        Names of the attributes that are on.
    """
    return frozenset(
        a.name for a in ATTRIBUTES.values() if toggle(a.name, a.control, a.name in on, a.help)
    )
