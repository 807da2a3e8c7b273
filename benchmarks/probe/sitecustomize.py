"""Lets a server under test say which modules it has loaded: on SIGUSR1 it writes their names."""

import os
import signal
import sys
from pathlib import Path


def _tell(*_: object) -> None:
    target = Path(os.environ["FACESTREAM_PROBE_FILE"])
    draft = target.with_suffix(".draft")
    draft.write_text("\n".join(list(sys.modules)))
    draft.rename(target)


signal.signal(signal.SIGUSR1, _tell)
