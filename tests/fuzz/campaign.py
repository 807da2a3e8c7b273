"""Feeding of a door for a time or a number of inputs, and what was found."""

from __future__ import annotations

import hashlib
import multiprocessing
import time
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz.door import CORPUS, corpus, load
from tests.fuzz.worker import feed, make_input

MAX_INPUT_S = 5.0  # what takes longer hangs
_START_S = 120.0  # for a process to import the door, on a machine with other work
_FOREVER = 10**12
_MAX_LOST = 20  # processes: then the door is broken, and more of the same help nobody


@dataclass
class Findings:
    """The outcome of a campaign.

    Attributes:
        inputs: how many were fed.
        refused: how many of them the door refused with a sentence or a documented error.
        crashes: how many crashed, hung or ended the process.
        kinds: for each kind of crash, the number of the first such input, and what happened.
        lost: how many processes hung or ended.
        slowest: seconds and number of the slowest input.
        grown_bytes: memory gained after the first inputs, with child processes.
    """

    inputs: int = 0
    refused: int = 0
    crashes: int = 0
    kinds: dict[str, tuple[int, str]] = field(default_factory=dict)
    lost: int = 0
    slowest: tuple[float, int] = (0.0, -1)
    grown_bytes: int = 0


def run(
    name: str,
    *,
    seed: int = 0,
    seconds: float = _FOREVER,
    inputs: int = _FOREVER,
    max_input_s: float = MAX_INPUT_S,
) -> Findings:
    """Feed a door; the inputs depend on `seed` and their numbers alone.

    Args:
        name: of the door.
        seed: of the inputs.
        seconds: when to stop.
        inputs: how many to feed at most.
        max_input_s: what takes longer counts as a crash.
    """
    findings = Findings()
    end_s = time.monotonic() + seconds
    first = 0
    while first < inputs and time.monotonic() < end_s and findings.lost < _MAX_LOST:
        lost = _feed(name, seed, range(first, inputs), end_s, findings, max_input_s)
        if lost is None:
            break
        _note(findings, {"crash": lost})
        findings.lost += 1
        first = lost[0] + 1
    return findings


def save(name: str, seed: int, findings: Findings) -> list[str]:
    """Add an input for each kind of crash to the corpus; return the names of their files."""
    door, seeds, names = load(name), corpus(name), []
    for number, _ in findings.kinds.values():
        data = make_input(door, seeds, seed, number)
        path = CORPUS / name / f"crash-{hashlib.sha256(data).hexdigest()[:12]}"
        if data not in seeds:
            path.write_bytes(data)
        names.append(path.name)
    return names


def _feed(
    name: str, seed: int, numbers: range, end_s: float, findings: Findings, max_input_s: float
) -> tuple[int, str] | None:
    """Run one process; return the number of the input that it was lost with, and how."""
    context = multiprocessing.get_context("spawn")
    current = context.Value("q", -1, lock=False)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=feed, args=(name, seed, numbers, end_s, current, theirs))
    process.start()
    theirs.close()
    seen, seen_s = -1, time.monotonic()
    lost = None
    while True:
        try:
            if ours.poll(0.2):
                _note(findings, ours.recv())
        except EOFError:  # the process has ended
            break
        if current.value != seen:
            seen, seen_s = current.value, time.monotonic()
        elif time.monotonic() - seen_s > (max_input_s if seen >= 0 else _START_S):
            lost = (seen, f"hangs for more than {max_input_s:g} s")
            process.kill()
            break
    process.join()
    ours.close()
    if lost is None and process.exitcode:
        lost = (current.value, f"ends the process with {process.exitcode}")
    if lost is not None and lost[0] < 0:
        raise RuntimeError(f"The process that feeds the door {name!r} {lost[1]}.")
    return lost


def _note(findings: Findings, note: dict[str, Any]) -> None:
    if "crash" in note:
        number, how = note["crash"]
        findings.crashes += 1
        if (kind := how.partition(": ")[0]) not in findings.kinds:
            findings.kinds[kind] = (number, how)
        return
    findings.inputs += note["fed"]
    findings.refused += note["refused"]
    findings.slowest = max(findings.slowest, note["slowest"])
    findings.grown_bytes = max(findings.grown_bytes, note.get("grown", 0))
