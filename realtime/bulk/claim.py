"""Who may write to a result folder: one run for each shard number."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from realtime.bulk.errors import BulkError
from realtime.bulk.files import TEMPORARY, part_prefix

WAIT_S = 10.0  # for the workers of a run that was killed
_POLL_S = 0.1


class Ticket(NamedTuple):
    """A claim as it travels to workers, in JSON or by Ray.

    Attributes:
        folder: of the results.
        prefix: of the names of parts.
        path: see `Claim`.
        token: see `Claim`.
    """

    folder: str
    prefix: str
    path: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A run's right to write parts.

    Attributes:
        folder: the results'.
        shard: I of N.
        path: a file that has `token` for as long as no later run has taken over.
        token: the run's.
        lock: number of the open lock file, for workers to inherit; None where there are no locks.
    """

    folder: Path
    shard: tuple[int, int]
    path: Path
    token: str
    lock: int | None

    @property
    def ticket(self) -> Ticket:
        """The claim for workers."""
        return Ticket(str(self.folder), part_prefix(self.shard), str(self.path), self.token)


@contextmanager
def claim_folder(folder: Path, shard: tuple[int, int]) -> Iterator[Claim]:
    """Hold the claim on a shard of a result folder, which is created, for the block.

    Workers inherit the lock, so that it ends only when the last of them has; on other machines,
    they ask `holds_claim` before they write. What a killed run has left half-written is deleted.

    Raises:
        BulkError: another run holds it, the folder is of runs with another N, or cannot be
            written.
    """
    name = f"{shard[0]}-of-{shard[1]}"
    path = folder / f".run-{name}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [p.name for p in folder.glob(".run-*-of-*") if not p.name.endswith(f"-{shard[1]}")]
        if others:
            before = others[0].rpartition("-")[2]
            raise BulkError(
                f"{folder} has results of --shard I/{before}. Use the same number, or another "
                "--out."
            )
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise BulkError(f"{folder} cannot be written: {error.strerror}.") from error
    try:
        locked = _lock(number, folder)
        token = secrets.token_hex(8)
        path.write_text(token, encoding="utf-8")
        for left in folder.glob(f".{part_prefix(shard)}*{TEMPORARY}"):
            left.unlink(missing_ok=True)
        yield Claim(
            folder=folder, shard=shard, path=path, token=token, lock=number if locked else None
        )
    finally:
        os.close(number)


def holds_claim(ticket: Ticket) -> bool:
    """Whether the run with this claim may still write."""
    with suppress(OSError):
        return Path(ticket.path).read_text(encoding="utf-8") == ticket.token
    return False


def _lock(number: int, folder: Path) -> bool:
    """Lock a file for as long as any process has it open; False where that does not exist."""
    try:
        import fcntl
    except ImportError:  # Windows
        return False
    end_s = time.monotonic() + WAIT_S
    while True:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= end_s:
                raise BulkError(
                    f"Another run is writing to {folder}. Wait for it, or choose another --out."
                ) from None
            time.sleep(_POLL_S)
        except OSError:  # some network file systems
            return False
