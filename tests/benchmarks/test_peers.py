"""The comparison with other programs: turns of a process, what cannot run, and the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pytest

from benchmarks.__main__ import main
from benchmarks.npm_packages import NpmError, fetch
from benchmarks.peer_process import PeerProcess, load_frames
from benchmarks.peer_programs import HUMAN, OURS, PEERS, Options
from benchmarks.peers import report, summarize
from benchmarks.peers_plot import plot_peers


def test_a_process_runs_its_program_turn_by_turn() -> None:
    with PeerProcess(OURS, "2", Options(max_faces=2)) as process:
        for frames in (3, 2):
            turn = process.turn(frames, 60.0)
            assert turn["faces"] == [2] * frames
            assert len(turn["cpu_ms"]) == frames
            assert all(ms > 0 for ms in turn["cpu_ms"])


@pytest.mark.mediapipe
@pytest.mark.parametrize("name", ["facemesh", "facedetection"])
def test_mediapipes_programs_find_the_face(name: str) -> None:
    with PeerProcess(name, "1", Options(max_faces=1)) as process:
        assert process.turn(3, 60.0)["faces"] == [1, 1, 1]


def test_mediapipes_programs_run_in_their_own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.peer_programs.mediapipe_python", lambda: None)
    assert "make .venv-mediapipe" in PEERS["facemesh"].missing(Options(max_faces=1))
    assert not PEERS[OURS].missing(Options(max_faces=1))


def test_a_program_that_stops_is_named() -> None:
    with (
        PeerProcess(OURS, "no-such-clip.mp4", Options(max_faces=1)) as process,
        pytest.raises(RuntimeError, match=PEERS[OURS].title),
    ):
        process.turn(1, 1.0)


def test_a_program_without_its_file_says_what_to_give() -> None:
    assert "--yunet" in PEERS["yunet"].missing(Options(max_faces=1))
    assert not PEERS["yunet"].missing(Options(max_faces=1, yunet=Path("yunet.onnx")))


def test_a_missing_clip_is_an_error_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["peers", "--clips", "no-such-clip.mp4"]) == 1
    assert "no-such-clip.mp4" in capsys.readouterr().err


def test_scenes_by_number_show_moving_faces() -> None:
    frames = load_frames("1")
    assert frames[0].shape == (480, 640, 3)
    assert (frames[0] != frames[20]).any()


def test_summary_joins_the_turns() -> None:
    turns = [{"cpu_ms": [1.0, 3.0], "faces": [1.0, 1.0]}, {"cpu_ms": [2.0], "faces": [0.0]}]
    row = summarize(turns)
    assert (row["n"], row["cpu_ms"], row["p50"], row["found"]) == (3, 2.0, 2.0, 0.667)


def test_report_names_programs_and_what_could_not_run() -> None:
    row: dict[str, Any] = {"scene": "faces: 1", "faces": 1, "n": 9, "p50": 2.0, "p95": 3.0}
    header: dict[str, Any] = {
        "commit": "abc", "date": "", "cpu": "", "cores": 2, "system": "", "python": "",
        "packages": {}, "load_before": [], "priority": "normal",
    }  # fmt: skip
    results = {
        "header": header,
        "reference": "facemesh",
        "rows": [
            {**row, "peer": "facemesh", "cpu_ms": 2.0, "found": 1.0, "ratio": 1.0},
            {**row, "peer": OURS, "cpu_ms": 1.0, "found": 1.0, "ratio": 0.5},
        ],
        "leaves_out": {"facemesh": PEERS["facemesh"].leaves_out, OURS: ""},
        "not_run": {"yunet": "no file given: --yunet FILE"},
    }
    text = report(results)
    assert "MediaPipe FaceMesh = 1" in text
    assert any(line.startswith("FaceStream") and "0.50" in line for line in text.splitlines())
    assert "not run: no file given" in text


def test_plot_shows_each_scene_and_program(tmp_path: Path) -> None:
    rows = [
        {"scene": f"faces: {n}", "peer": peer, "cpu_ms": ms, "found": float(n)}
        for n in (1, 2)
        for peer, ms in ((OURS, 4.0), ("facemesh", 2.0), ("haar-keras", 90.0))
    ]
    plot_peers(rows, tmp_path / "folder" / "peers.png")
    picture = cv2.imread(str(tmp_path / "folder" / "peers.png"))
    assert picture is not None
    assert picture.std() > 10


def test_human_js_is_left_out_without_npm_or_browser(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CHROMIUM", "/usr/bin/chromium")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert PEERS[HUMAN].missing(Options(max_faces=1)).startswith("npm is not installed")
    monkeypatch.delenv("CHROMIUM")
    assert "Chromium was not found" in PEERS[HUMAN].missing(Options(max_faces=1))


def test_a_package_is_fetched_once_and_a_failure_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    npm.write_text("#!/bin/sh\nexit 1\n")
    npm.chmod(0o755)
    with pytest.raises(NpmError, match=r"could not fetch @some/thing 1\.0"):
        fetch("@some/thing", "1.0")
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    pack = (
        "mkdir $5/package; echo 1 > $5/package/x; tar czf $5/a.tgz -C $5 package; rm -r $5/package"
    )
    npm.write_text(f"#!/bin/sh\n{pack}\n")
    folder = fetch("@some/thing", "1.0")
    assert (folder / "x").read_text() == "1\n"
    npm.unlink()
    assert fetch("@some/thing", "1.0") == folder
