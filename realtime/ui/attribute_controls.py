"""Switches for the attributes of a face, one for each that is registered."""

from __future__ import annotations

from collections.abc import Callable

from realtime.attribute.registry import ATTRIBUTES

Toggle = Callable[[str, str, bool, str], bool]  # name, label, default, help


def attribute_toggles(toggle: Toggle, *, on: frozenset[str]) -> frozenset[str]:
    """Show a switch for each attribute.

    Args:
        toggle: shows one switch and returns its value.
        on: the names of the attributes that start switched on.

    Returns:
        The names of those that are on.
    """
    return frozenset(
        a.name for a in ATTRIBUTES.values() if toggle(a.name, a.control, a.name in on, a.help)
    )
