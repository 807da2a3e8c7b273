"""The process that analyses shards, for `realtime.bulk.worker_process`.

It reads requests from stdin, a line of JSON each, and answers on stdout: `{"item": k}` before each
item, so that a file that ends the process is known, and at last what was written. When stdin ends,
whoever started it has ended: it then ends at once, in the middle of its work.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa

from realtime.bulk.analyst import Analyst, Row
from realtime.bulk.claim import Ticket, holds_claim
from realtime.bulk.files import write_tables
from realtime.bulk.job import Job
from realtime.bulk.manifest import Item
from realtime.bulk.schema import part_schema, part_table
from realtime.core.errors import FaceStreamError

MAX_ERRORS = 20  # sent back; the rows have all
BLOCK_FACES = 2000  # then rows are written; as Python objects they take 100 MB with landmarks


def main() -> None:
    """Answer requests until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the command's to handle
    answers = os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)  # libraries may print

    def answer(**message: Any) -> None:
        answers.write(json.dumps(message).encode() + b"\n")

    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def receive() -> None:
        for line in sys.stdin.buffer:
            requests.put(json.loads(line))
        os._exit(0)

    job = Job.from_json(sys.stdin.buffer.readline().decode())
    threading.Thread(target=receive, daemon=True).start()
    try:
        _one_thread()
        analyst = Analyst(job)
    except (FaceStreamError, FileNotFoundError) as error:
        answer(failed=str(error))
        return
    answer(ready=True)
    while True:
        request = requests.get()
        items = [item_from_json(item) for item in request["items"]]
        try:
            rows = chain(analyst.rows(items, lambda k: answer(item=k)), _then(answer))
            may_write = partial(holds_claim, Ticket(*request["ticket"]))
            receipt = write_part(Path(request["part"]), rows, may_write)
        except FaceStreamError as error:
            answer(failed=str(error))
            continue
        answer(**receipt)


def write_part(path: Path, rows: Iterable[Row], may_write: Callable[[], bool]) -> dict[str, Any]:
    """Write rows as they come, so that few of them are in memory.

    Returns:
        What `realtime.bulk.worker_process.Receipt` has.

    Raises:
        BulkError: the part cannot be written.
    """
    count = faces = waiting = 0
    errors: list[tuple[str, str]] = []
    block: list[Row] = []

    def blocks() -> Iterator[pa.Table]:
        nonlocal count, faces, waiting
        for row in rows:
            block.append(row)
            found = len(row.get("faces") or ())
            count, faces, waiting = count + 1, faces + found, waiting + found
            if row["error"]:
                errors.append((row["path"], row["error"]))
            if waiting >= BLOCK_FACES:
                yield part_table(block)
                block.clear()
                waiting = 0
        yield part_table(block)

    written = write_tables(path, part_schema(), blocks(), may_write=may_write)
    return {
        "written": written,
        "rows": count,
        "faces": faces,
        "failed_rows": len(errors),
        "errors": errors[:MAX_ERRORS],
    }


def _then(answer: Callable[..., None]) -> Iterator[Row]:
    """No rows; tells that the last item is done, so that it is not blamed for what follows."""
    answer(item=None)
    yield from ()


def item_to_json(item: Item) -> dict[str, Any]:
    """An item for a request."""
    modified = None if item.modified is None else item.modified.isoformat()
    return item.row() | {"modified": modified}


def item_from_json(record: Mapping[str, Any]) -> Item:
    """The item that `item_to_json` has written."""
    modified = record["modified"]
    date = None if modified is None else datetime.fromisoformat(modified)
    return Item(**{**record, "modified": date})


def _one_thread() -> None:
    """Use one core: there is a process for each."""
    import cv2

    cv2.setNumThreads(1)
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


if __name__ == "__main__":
    main()
