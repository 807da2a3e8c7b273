"""A file of figures: where it lies, which command writes it, and what each of them begins with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from realtime.core.errors import FaceStreamError

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks" / "results"
Told = Mapping[str, Any]
T = TypeVar("T")


class ResultsError(FaceStreamError, ValueError):
    """A file of figures is missing or damaged; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the ends of its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, told: Told) -> Interval:
        """From `{"value": …, "interval": [low, high]}`."""
        low, high = told["interval"]
        return cls(float(told["value"]), float(low), float(high))

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class Header:
    """The code and the machine that figures were taken with.

    Attributes:
        commit: the checked-out commit, with "+" where files differed from it.
        date: day of the run, as 2026-11-21.
        cpu: its model.
        cores: those the process might use.
        system: operating system.
        python: its version.
        packages: versions by name.
        load: the machine's load of the last minute before the run; NaN where unknown.
    """

    commit: str
    date: str
    cpu: str
    cores: int
    system: str
    python: str
    packages: Mapping[str, str]
    load: float

    @classmethod
    def of(cls, told: Told) -> Header:
        """From a benchmark's `header`."""
        loads = told.get("load_before") or [float("nan")]
        return cls(
            str(told["commit"]),
            str(told["date"])[:10],
            str(told["cpu"]),
            int(told["cores"]),
            str(told["system"]),
            str(told["python"]),
            {str(k): str(v) for k, v in told["packages"].items()},
            float(loads[0]),
        )

    @property
    def machine(self) -> str:
        """CPU and cores in a few words."""
        return f"{self.cpu}, {self.cores} core{'s' if self.cores != 1 else ''}"


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """One kind of stored figures.

    Attributes:
        name: the file's name, a pattern where each machine has one of its own.
        command: what writes it.
        parse: makes the typed figures of the file's JSON.
    """

    name: str
    command: str
    parse: Callable[[Told], T]

    def read(self, folder: Path = FOLDER) -> T:
        """The figures.

        Raises:
            ResultsError: the file is missing or damaged.
        """
        return self._read(folder / self.name)

    def read_all(self, folder: Path = FOLDER) -> list[T]:
        """The figures of all files that the pattern fits, by name.

        Raises:
            ResultsError: there is none, or one is damaged.
        """
        paths = sorted(folder.glob(self.name))
        if not paths:
            raise ResultsError(self._missing())
        return [self._read(path) for path in paths]

    def _read(self, path: Path) -> T:
        try:
            return self.parse(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise ResultsError(self._missing()) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ResultsError(
                f"benchmarks/results/{path.name} cannot be read: write it anew with "
                f"`{self.command}`."
            ) from error

    def _missing(self) -> str:
        return f"No figures are stored yet: `{self.command}` writes benchmarks/results/{self.name}."
