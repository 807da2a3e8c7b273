"""The settings of a finished run, also of one whose config.json lacks newer keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from training.data import DataError
from training.task import Task


def read_settings(task: Task, folder: Path) -> Any:
    """The task's usual settings, changed to what the run's config.json says.

    Keys that the settings do not have any more are left out.

    Raises:
        DataError: the folder holds no run, or that of another task.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise DataError(f"{folder} holds no trained run: it has no {path.name}.")
    told = json.loads(path.read_text(encoding="utf-8"))
    if told.get("task", task.name) != task.name:
        raise DataError(f"{folder} holds a run of the task {told['task']}, not {task.name}.")
    return updated(task.configure(None, 0), told)


def updated(settings: Any, told: Mapping[str, Any]) -> Any:
    """A dataclass with the values that a nested mapping gives for its fields."""
    changes = {}
    for field in fields(settings):
        if field.name not in told:
            continue
        now, value = getattr(settings, field.name), told[field.name]
        if is_dataclass(now):
            value = updated(now, value)
        changes[field.name] = tuple(value) if isinstance(value, list) else value
    return replace(settings, **changes)
