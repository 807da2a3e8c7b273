"""The process by which a server finds out whether its networks work."""

from __future__ import annotations

import sys

from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks


def main() -> None:
    """Load the networks of live streams and run each once; the last line on stderr is the error."""
    try:
        Networks().warm_up(AnalysisSettings())
    except Exception as error:
        sys.exit(str(error).partition("\n")[0])
