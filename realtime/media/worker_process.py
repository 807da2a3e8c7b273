"""Starting of the processes that open files of strangers; a damaged file ends one of them only."""

from __future__ import annotations

import os
import sys

# With the server's own search path, so that both run the same code, wherever it is installed.
_START = "import sys; sys.path[:] = sys.argv[1:]; from {module} import main; main()"
# One thread is enough; and without a fixed threshold glibc keeps the memory of the last file.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": str(1024**2)}


def worker_command(module: str) -> list[str]:
    """The command that runs `main` of a module in another process."""
    return [sys.executable, "-c", _START.format(module=module), *sys.path]


def worker_environment() -> dict[str, str]:
    """The environment variables of such a process."""
    return os.environ | _ENVIRONMENT
