"""A worker seen from the engine: a file that ends its process becomes a row with `error`.

Both engines use it: a thread for each worker in the local engine, an actor in Ray's.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, cast

from realtime.bulk.claim import Ticket
from realtime.bulk.errors import BulkError
from realtime.bulk.job import Job
from realtime.bulk.manifest import Item
from realtime.bulk.schema import VIDEO
from realtime.bulk.worker import item_to_json
from realtime.media.worker_process import analysis_environment, worker_command

START_S = 120.0  # for Python, its imports and the networks, on a machine with other work
MAX_PHOTO_S = 120.0  # then the worker is ended, as if the file had done so
MAX_SEGMENT_S = 1800.0  # 20 s of 4K at 60 fps, with a copy from far away
MAX_DEATHS = 2  # of one file: it is tried twice
MAX_OTHER_DEATHS = 5  # in one shard, not during an item
ENDED = "The file ended its worker twice, for want of memory or for a fault in a decoder."
SLOW = "The analysis takes too long."
MODULE = "realtime.bulk.worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a shard.

    Attributes:
        rows: number of rows written.
        faces: in all of them.
        failed_rows: number of rows with an error.
        errors: path and sentence of the first of these.
        written: whether there is a part; False where a later run has taken over.
    """

    rows: int
    faces: int
    failed_rows: int
    errors: list[tuple[str, str]] = field(default_factory=list)
    written: bool = True


class StoppedError(Exception):
    """The worker was closed."""


class _DiedError(Exception):
    """The process has ended.

    Attributes:
        item: position of the item that it was at; None for none.
        slow: whether it was ended for taking too long.
    """

    def __init__(self, item: int | None, slow: bool) -> None:
        super().__init__()
        self.item, self.slow = item, slow


class WorkerProcess:
    """Analyses shards in a process that is replaced when it ends.

    Args:
        job: how to analyse.
        lock: an open file for the process to inherit, see `realtime.bulk.claim`.
        module: whose `main` the process runs.
    """

    def __init__(self, job: Job, *, lock: int | None = None, module: str = MODULE) -> None:
        self._job, self._lock, self._module = job, lock, module
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._starting = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process's number, once it runs."""
        return None if self._process is None else self._process.pid

    def analyze(
        self,
        items: Sequence[Item],
        ticket: Ticket,
        on_item: Callable[[], None] = lambda: None,
    ) -> Receipt:
        """Analyse a shard and write its part.

        Args:
            items: at least one.
            ticket: where the part goes, and by what right.
            on_item: called at most once for each item, when it is begun.

        Raises:
            BulkError: workers keep ending, or the part cannot be written.
            StoppedError: `close` was called.
        """
        shard, deaths, others, reported = list(items), Counter[int](), 0, 0
        part = Path(ticket.folder) / f"{ticket.prefix}{hash_of(items)}.parquet"

        def begun(k: int) -> None:
            nonlocal reported
            if k >= reported:
                reported = k + 1
                on_item()

        while True:
            try:
                return self._ask(shard, part, ticket, begun)
            except _DiedError as died:
                self._end()
                if self._closed:
                    raise StoppedError from None
                if died.item is None:
                    others += 1
                    if others == MAX_OTHER_DEATHS:
                        raise BulkError(
                            "Workers keep ending. Is there enough memory? Try fewer --workers."
                        ) from None
                    continue
                deaths[died.item] += 1
                if deaths[died.item] == MAX_DEATHS:
                    sentence = SLOW if died.slow else ENDED
                    shard[died.item] = replace(shard[died.item], error=sentence)

    def close(self) -> None:
        """End the process, from any thread; `analyze` then raises."""
        with self._starting:
            self._closed = True
        self._end()

    def _ask(
        self, items: Sequence[Item], part: Path, ticket: Ticket, begun: Callable[[int], None]
    ) -> Receipt:
        process = self._running()
        request = {"items": [item_to_json(i) for i in items], "part": str(part), "ticket": ticket}
        at: int | None = None
        try:
            _send(process, json.dumps(request))
            while True:
                limit_s = START_S
                if at is not None:
                    limit_s = MAX_SEGMENT_S if items[at].kind == VIDEO else MAX_PHOTO_S
                answer = _receive(process, limit_s, at)
                if "item" in answer:
                    at = answer["item"]
                    if at is not None:
                        begun(at)
                elif "failed" in answer:
                    raise BulkError(answer["failed"])
                else:
                    answer["errors"] = [(path, error) for path, error in answer["errors"]]
                    return Receipt(**answer)
        except OSError:
            raise _DiedError(at, slow=False) from None

    def _running(self) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._closed:
                raise StoppedError
            if self._process is not None:
                return self._process
            self._process = process = subprocess.Popen(
                worker_command(self._module),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # libraries complain there about damaged files
                env=analysis_environment(),
                pass_fds=() if self._lock is None else (self._lock,),
            )
        try:
            _send(process, self._job.to_json())
        except OSError:
            raise _DiedError(None, slow=False) from None
        answer = _receive(process, START_S, None)
        if "failed" in answer:
            raise BulkError(answer["failed"])
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError, ValueError):
                cast(IO[bytes], pipe).close()


def hash_of(items: Sequence[Item]) -> str:
    """A hash for the name of the items' part: the same items replace their part, if it exists."""
    digest = hashlib.blake2b(digest_size=12)
    for item in items:
        digest.update(item.item_id.encode())
    return digest.hexdigest()


def _send(process: subprocess.Popen[bytes], line: str) -> None:
    to = cast(IO[bytes], process.stdin)
    to.write(line.encode() + b"\n")
    to.flush()


def _receive(process: subprocess.Popen[bytes], limit_s: float, at: int | None) -> dict[str, Any]:
    """The next answer; the process is ended if it takes longer than that."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(limit_s, kill)
    timer.daemon = True
    timer.start()
    try:
        line = cast(IO[bytes], process.stdout).readline()
    except ValueError:  # closed by another thread
        line = b""
    finally:
        timer.cancel()
    if not line.endswith(b"\n"):
        raise _DiedError(at, slow=late.is_set())
    answer: dict[str, Any] = json.loads(line)
    return answer
