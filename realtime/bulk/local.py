"""The local engine: a process for each core, which is handed shard after shard."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress

from realtime.bulk.claim import Claim
from realtime.bulk.engine import OnItem
from realtime.bulk.job import Job
from realtime.bulk.manifest import Item
from realtime.bulk.worker_process import MODULE, Receipt, StoppedError, WorkerProcess

_DONE = None


def run_local(
    shards: Iterable[Sequence[Item]],
    job: Job,
    claim: Claim,
    *,
    workers: int,
    on_item: OnItem = lambda: None,
    module: str = MODULE,
) -> Generator[Receipt, None, None]:
    """Analyse shards in processes of this machine.

    At most two shards a worker are in flight, so that a run that ends loses little.

    Args:
        shards: the items of each part.
        job: how to analyse them.
        claim: on the result folder.
        workers: number of processes.
        on_item: called for each item that is begun, in any thread.
        module: of the workers.

    Yields:
        What became of each shard, in the order in which they end.

    Raises:
        BulkError: workers keep ending, or a part cannot be written.
    """
    processes = [WorkerProcess(job, lock=claim.lock, module=module) for _ in range(workers)]
    waiting = queue.Queue[Sequence[Item] | None](maxsize=workers)
    ended = queue.SimpleQueue[Receipt | BaseException]()

    def work(process: WorkerProcess) -> None:
        while (items := waiting.get()) is not _DONE:
            try:
                ended.put(process.analyze(items, claim.ticket, on_item))
            except StoppedError:
                return
            except BaseException as error:
                ended.put(error)
                return

    threads = [threading.Thread(target=work, args=(p,), daemon=True) for p in processes]
    for thread in threads:
        thread.start()
    given = received = 0

    def outcome() -> Receipt:
        nonlocal received
        answer = ended.get()
        received += 1
        if isinstance(answer, BaseException):
            raise answer
        return answer

    try:
        for items in shards:
            while given - received >= 2 * workers:
                yield outcome()
            waiting.put(items)
            given += 1
        while received < given:
            yield outcome()
    finally:
        for process in processes:
            process.close()
        with suppress(queue.Full):
            for _ in threads:
                waiting.put_nowait(_DONE)
        for thread in threads:
            thread.join()
