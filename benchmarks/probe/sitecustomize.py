"""Makes a server under test list its imported modules: on SIGUSR1 it writes them to a file."""

import os
import signal
import sys
from pathlib import Path


def _write_modules(*_: object) -> None:
    target = Path(os.environ["FACESTREAM_PROBE_FILE"])
    temporary = target.with_suffix(".part")
    temporary.write_text("\n".join(list(sys.modules)))
    temporary.rename(target)


signal.signal(signal.SIGUSR1, _write_modules)
