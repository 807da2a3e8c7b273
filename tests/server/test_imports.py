"""What the server imports before it answers its first request."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT


def test_the_server_starts_without_what_live_streams_need() -> None:
    """A component that is declared before Streamlit's runtime exists is never served."""
    code = "import sys, stream_app; print(*{m.partition('.')[0] for m in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"streamlit_webrtc", "aiortc", "cv2", "ai_edge_litert", "flask"}
