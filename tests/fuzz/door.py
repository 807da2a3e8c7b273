"""What a door is: a function that takes bytes from outside, and what to feed it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from realtime.core.errors import FaceStreamError

CORPUS = Path(__file__).parent / "corpus"
NAMES = ("photo", "video", "api", "settings", "models", "recorder")


@dataclass(frozen=True, kw_only=True)
class Door:
    """An entrance for input from outside.

    Attributes:
        enter: takes one input; the seeds are the files in `corpus/NAME`.
        allowed: errors that the entrance documents, besides FaceStreamError.
        words: what is worth inserting into a seed.
    """

    enter: Callable[[bytes], object]
    allowed: tuple[type[Exception], ...] = ()
    words: Sequence[bytes] = ()

    def refuses(self, data: bytes) -> bool:
        """Feed an input; return whether it was refused. What else is raised is a crash."""
        try:
            self.enter(data)
        except (FaceStreamError, *self.allowed):
            return True
        return False


def load(name: str) -> Door:
    """The door of a name in `NAMES`, from its module: importing all would take seconds."""
    door: Door = import_module(f"tests.fuzz.doors.{name}").DOOR
    return door


def corpus(name: str) -> list[bytes]:
    """The files of a door's corpus in the order of their names: seeds, and earlier crashes."""
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
