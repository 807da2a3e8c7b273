"""What the processes that open files of strangers share: answers, and limits on themselves.

The server's side is `realtime.media.worker_process`.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

TOO_MUCH_MEMORY = 86  # exit code
_STATM = Path("/proc/self/statm")
_RESIDENT, _DATA = 1, 5  # columns
_WATCH_S = 0.005


def ignore_interrupts() -> None:
    """Leave Ctrl-C to the server."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def answer(**message: Any) -> None:
    """Send one line of JSON to the server."""
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def data_bytes() -> int:
    """Memory of this process that counts towards `fail_beyond` (Linux; 0 elsewhere)."""
    return _pages_bytes(_DATA)


def fail_beyond(max_bytes: int) -> None:
    """Let allocations beyond this fail from now on; only Linux enforces it."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (max_bytes, hard))


def end_beyond(more_bytes: int) -> None:
    """End this process with `TOO_MUCH_MEMORY` once it has taken so much more than now (Linux).

    With `fail_beyond`, FFmpeg would drop the table that does not fit and go on, and the file would
    pass, although the server has no such limit.
    """
    own_bytes = _pages_bytes(_RESIDENT)
    if not own_bytes:
        return

    def watch() -> None:
        while _pages_bytes(_RESIDENT) - own_bytes < more_bytes:
            time.sleep(_WATCH_S)
        os._exit(TOO_MUCH_MEMORY)

    threading.Thread(target=watch, daemon=True).start()


def end_after(cpu_s: float) -> None:
    """End this process once it has used so much processor time from now on (POSIX).

    It may use up to a second more. Time by the clock would refuse large files where other
    processes keep the processors busy.
    """
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # or the file would be written to disk
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + cpu_s), hard))


def _pages_bytes(column: int) -> int:
    """A column of /proc/self/statm in bytes; 0 on other systems."""
    with suppress(OSError, IndexError, ValueError):
        return int(_STATM.read_text().split()[column]) * os.sysconf("SC_PAGE_SIZE")
    return 0
