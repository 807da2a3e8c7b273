"""The process that feeds a door; what ends or blocks it leaves the campaign alive."""

from __future__ import annotations

import gc
import logging
import os
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.door import Door, corpus, load
from tests.fuzz.mutate import mutated

WARM_UP = 1000  # inputs after which memory should no longer grow
_NOT_OURS = ("/.venv/", "/tests/")
_NOTE_S = 0.5
_ROOT = f"{Path(__file__).resolve().parents[2]}/"


def make_input(door: Door, seeds: list[bytes], seed: int, number: int) -> bytes:
    """An input by its number: first the corpus as it is, then damaged copies."""
    if number < len(seeds):
        return seeds[number]
    return mutated(Random(f"{seed} {number}"), seeds, door.words)


def feed(
    name: str, seed: int, numbers: range, end_s: float, current: Any, notes: Connection
) -> None:
    """Feed inputs until they or the time run out.

    Args:
        name: of the door.
        seed: of all inputs.
        numbers: of the inputs.
        end_s: by `time.monotonic`, which all processes of a machine share.
        current: shared integer: number of the input that is being fed; -1 before and after.
        notes: takes what is found, as dictionaries.
    """
    logging.disable(logging.CRITICAL)  # refusals are logged by the thousand
    door, seeds = load(name), corpus(name)
    start_bytes = 0
    slowest = (0.0, -1)
    fed = refused = noted = 0
    note_s = time.monotonic() + _NOTE_S
    for number in numbers:
        data = make_input(door, seeds, seed, number)
        current.value = number
        began_s = time.monotonic()
        if began_s > end_s:
            break
        try:
            refused += door.refuses(data)
        except BaseException as error:
            notes.send({"crash": (number, describe(error))})
        now_s = time.monotonic()
        slowest = max(slowest, (now_s - began_s, number))
        fed += 1
        if fed == WARM_UP:
            start_bytes = _resident_bytes()
        if now_s > note_s or number == numbers[-1]:
            notes.send({"fed": fed - noted, "refused": refused, "slowest": slowest})
            noted, refused, note_s = fed, 0, now_s + _NOTE_S
    current.value = -1
    gc.collect()
    grown = _resident_bytes() - start_bytes if start_bytes else 0
    notes.send({"fed": fed - noted, "refused": refused, "slowest": slowest, "grown": grown})
    notes.close()


def describe(error: BaseException) -> str:
    """What was raised, and by which line of the project: the same for the same fault."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(_ROOT)]
    own = [f for f in frames if not any(part in f.filename for part in _NOT_OURS)] or frames
    place = f"{own[-1].filename.removeprefix(_ROOT)}:{own[-1].lineno}"
    return f"{type(error).__name__} at {place}: {str(error)[:200]}"


def _resident_bytes() -> int:
    """Memory of this process and its children (Linux; 0 elsewhere)."""
    if not Path("/proc/self/statm").is_file():
        return 0
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    pages = 0
    for pid in ("self", *children):
        pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
