"""Files of benchmark results: their location, the command that writes them, and what they share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from realtime.core.errors import FaceStreamError

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks" / "results"
T = TypeVar("T")


class ResultsError(FaceStreamError, ValueError):
    """A results file is missing or damaged; the message names the command that writes it."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % bootstrap confidence interval."""

    value: float
    low: float
    high: float

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Interval:
        """Parse `{"value": …, "interval": [low, high]}`."""
        low, high = data["interval"]
        return cls(float(data["value"]), float(low), float(high))

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The code and the machine of a benchmark run.

    Attributes:
        commit: The checked-out commit, with "+" if files were modified.
        date: The day of the run, such as 2026-11-21.
        cpu: CPU model.
        cores: Number of cores that the process could use.
        system: Operating system.
        python: Python version.
        packages: Package versions by name.
        load: Load average of the last minute before the run; NaN if unknown.
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
    def from_json(cls, data: Mapping[str, Any]) -> Environment:
        """Parse the `header` of a results file."""
        loads = data.get("load_before") or [float("nan")]
        return cls(
            commit=str(data["commit"]),
            date=str(data["date"])[:10],
            cpu=str(data["cpu"]),
            cores=int(data["cores"]),
            system=str(data["system"]),
            python=str(data["python"]),
            packages={str(name): str(version) for name, version in data["packages"].items()},
            load=float(loads[0]),
        )

    @property
    def machine(self) -> str:
        """CPU model and number of cores."""
        return f"{self.cpu}, {self.cores} core{'s' if self.cores != 1 else ''}"


@dataclass(frozen=True, slots=True)
class StoredResults(Generic[T]):
    """One kind of stored results.

    Attributes:
        name: File name; a glob pattern if there is one file per machine.
        command: Command that writes the file.
        parse: Converts the JSON data to typed results.
    """

    name: str
    command: str
    parse: Callable[[Mapping[str, Any]], T]

    def read(self, folder: Path = FOLDER) -> T:
        """Read the file.

        Raises:
            ResultsError: The file is missing or damaged.
        """
        return self._read(folder / self.name)

    def read_all(self, folder: Path = FOLDER) -> list[T]:
        """Read all files that match the pattern, sorted by name.

        Raises:
            ResultsError: No file matches, or one is damaged.
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
                f"benchmarks/results/{path.name} cannot be read: write it again with "
                f"`{self.command}`."
            ) from error

    def _missing(self) -> str:
        return f"No results yet: run `{self.command}` to write benchmarks/results/{self.name}."
