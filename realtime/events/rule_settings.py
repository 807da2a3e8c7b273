"""Rules from a TOML file or from the command line, checked key by key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from realtime.events.rules import RULES, Rule, RuleError

MAX_RULES = 32
MAX_FILE_BYTES = 100_000
_NAME_LENGTH = 64


def read_rules(path: Path) -> list[Rule]:
    """Read the rules in a TOML file: one table `[[rule]]` each.

    Raises:
        RuleError: the file cannot be read, is not TOML, or a rule is invalid.
    """
    try:
        data = path.read_bytes()
        if len(data) > MAX_FILE_BYTES:
            raise RuleError(f"{path} is too large for a file of rules ({len(data):,} bytes).")
        tables = tomllib.loads(data.decode())
    except OSError as error:
        raise RuleError(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{path} is not valid TOML: {error}.") from None
    unknown = next((key for key in tables if key != "rule"), None)
    if unknown is not None:
        raise RuleError(f"{path}: {_unknown('key', unknown, ['rule'])}")
    entries = tables.get("rule", [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise RuleError(f"{path}: write each rule as a table [[rule]].")
    if not entries:
        raise RuleError(f"{path} has no rules: add a table [[rule]] with a kind.")
    try:
        return check_rules(make_rule(entry) for entry in entries)
    except RuleError as error:
        raise RuleError(f"{path}: {error}") from None


def parse_rule(text: str) -> Rule:
    """Read a rule from the command line.

    Args:
        text: kind and settings, such as "mask_missing" or "emotion:emotion=sad,for_s=5".

    Raises:
        RuleError: it is invalid.

    Example:
        >>> parse_rule("mask_missing:for_s=5").for_s
        5.0
    """
    kind, _, settings = text.partition(":")
    entry: dict[str, Any] = {"kind": kind}
    for part in filter(None, settings.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            raise RuleError(f"Rule {text!r}: write settings as KEY=VALUE, got {part!r}.")
        if key in entry:
            raise RuleError(f"Rule {text!r}: {key!r} stands there twice.")
        entry[key] = _typed(value)
    return make_rule(entry)


def make_rule(entry: Mapping[str, Any]) -> Rule:
    """Make a rule of its settings.

    Args:
        entry: `kind`, and any fields of its class.

    Raises:
        RuleError: the kind or a key is unknown, or a value has the wrong type or range.
    """
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in RULES:
        if kind is None:
            raise RuleError(f"A rule has no kind; choose from {', '.join(RULES)}.")
        raise RuleError(_unknown("rule", str(kind), RULES))
    rule_type = RULES[kind]
    known = {f.name: f for f in fields(rule_type)}
    values: dict[str, Any] = {}
    for key, value in entry.items():
        if key == "kind":
            continue
        if key not in known:
            raise RuleError(f"Rule {kind!r}: {_unknown('key', key, known)}")
        values[key] = _checked(kind, key, value, type(known[key].default))
    return rule_type(**values)


def check_rules(rules: Iterable[Rule]) -> list[Rule]:
    """The rules as a list, if their number is allowed and their names are unique.

    Raises:
        RuleError: they are not.
    """
    checked = list(rules)
    if len(checked) > MAX_RULES:
        raise RuleError(f"There are {len(checked)} rules; at most {MAX_RULES} are allowed.")
    names = [rule.label for rule in checked]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RuleError(f'Two rules have the name {twice!r}: give one another with "name".')
    return checked


def attributes_of(rules: Sequence[Rule]) -> frozenset[str]:
    """The attributes that must be classified for these rules."""
    return frozenset(name for rule in rules for name in rule.needs())


def _checked(kind: str, key: str, value: Any, expected: type) -> Any:
    if expected is float and type(value) is int:
        value = float(value)
    if type(value) is not expected:
        wanted = {float: "a number", bool: "true or false", str: "a text"}[expected]
        raise RuleError(f"Rule {kind!r}: {key} must be {wanted}, got {value!r}.")
    if key == "name":
        name = str(value)
        fine = name.isprintable() and 0 < len(name) <= _NAME_LENGTH
        if not fine or any(c in name for c in "/+#"):  # they mean something in MQTT's topics
            raise RuleError(
                f"Rule {kind!r}: name must have 1 to {_NAME_LENGTH} characters without / + #, "
                f"got {value!r}."
            )
    return value


def _typed(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(names)}."
    return f"there is no {what} {name!r}; {hint}"
