"""Reading the settings of a finished run, including runs made by older versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from training.data import DataError
from training.task import Task


def read_settings(task: Task, folder: Path) -> Any:
    """The task's default settings, overridden by the run's config.json.

    Missing keys keep their defaults, and unknown keys are ignored.

    Args:
        task: the expected task.
        folder: the run folder.

    Raises:
        DataError: the folder has no config.json, or its task is another one.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise DataError(f"{folder} is not a run folder: it has no {path.name}.")
    saved = json.loads(path.read_text(encoding="utf-8"))
    if saved.get("task", task.name) != task.name:
        raise DataError(f"{folder} is a run of the task {saved['task']}, not {task.name}.")
    return override(task.configure(None, 0), saved)


def override(settings: Any, values: Mapping[str, Any]) -> Any:
    """A copy of a dataclass with the fields given in a nested mapping."""
    changes = {}
    for field in fields(settings):
        if field.name not in values:
            continue
        current, value = getattr(settings, field.name), values[field.name]
        if is_dataclass(current):
            value = override(current, value)
        changes[field.name] = tuple(value) if isinstance(value, list) else value
    return replace(settings, **changes)
