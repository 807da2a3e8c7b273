"""Process-wide settings: made by `prepare_process`, never by an import."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

STATE = "print(cv2.getNumThreads(), gc.get_freeze_count(), len(HEADER_EXTENSIONS['video']))"


def states(*steps: str) -> list[tuple[int, int, int]]:
    """State of a fresh process after each step.

    OpenCV's threads, the frozen objects, and the header extensions that aiortc offers for video.
    """
    code = "\n".join(
        [
            "import cv2, gc\nfrom aiortc.codecs import HEADER_EXTENSIONS",
            *(f"{step}\n{STATE}" for step in steps),
        ]
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return [(int(threads), int(frozen), int(offered)) for threads, frozen, offered in lines]


def test_importing_webrtc_changes_no_process_settings() -> None:
    before, after = states("cv2.setNumThreads(2)", "import realtime.live.webrtc")
    assert before[0] == 2
    assert after == before


def test_prepare_process_sets_threads_and_freezes_modules_once() -> None:
    before, prepared, again = states(
        "cv2.setNumThreads(2); from realtime.live.process import prepare_process",
        "prepare_process()",
        "kept = [[] for _ in range(9)]; prepare_process()",
    )
    assert before[0] == 2
    assert prepared[0] == 1
    assert prepared[1] > before[1] + 10_000
    assert prepared[2] == before[2] + 1
    assert again == prepared


def test_the_app_prepares_its_process_once_over_many_runs() -> None:
    run = "runpy.run_path('realtime/pages/navigation.py')"
    before, first, second = states(
        "cv2.setNumThreads(2)\nimport runpy, streamlit as st\nfrom unittest.mock import Mock\n"
        "st.navigation = st.set_page_config = Mock()",
        run,
        run,
    )
    assert before[0] == 2
    assert first[0] == 1
    assert first[1] > before[1]
    assert second == first
