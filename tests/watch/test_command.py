"""The command `watch`, with real cameras and networks, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect

from benchmarks.http_camera import http_camera
from realtime.__main__ import main
from realtime.core.faces import Frame
from tests.conftest import ROOT
from tests.watch.cameras import at_rate, gray, portrait, transport_stream, wait_for

WATCH = [sys.executable, "-m", "realtime", "watch"]


@contextmanager
def watching(*arguments: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Run the command; yields the process and the file of its stderr."""
    log = folder / "stderr.txt"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [*WATCH, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process,
    ):
        try:
            yield process, log
        finally:
            process.kill()


def records(path: Path) -> list[dict[str, object]]:
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def test_a_camera_is_watched_until_sigterm(tmp_path: Path, astronaut: Frame) -> None:
    events, frames = tmp_path / "events.jsonl", tmp_path / "frames.jsonl"
    camera = at_rate([*[gray()] * 5, *[portrait(astronaut)] * 60, gray()], fps=15)
    with (
        http_camera(camera) as address,
        watching(
            address, "--name", "door", "--rule", "person:for_s=0.3,end_s=0.3",
            "--rule", "mask_missing:for_s=1", "--events", str(events), "--jsonl", str(frames),
            "--serve", "localhost:0", "--stats", folder=tmp_path,
        ) as (process, log),
    ):  # fmt: skip
        wait_for(lambda: "Results at " in log.read_text())
        url = log.read_text().partition("Results at ")[2].split()[0]
        with connect(url) as client:
            message = json.loads(client.recv(timeout=60))
            while message["type"] != "event":
                message = json.loads(client.recv(timeout=60))
        assert message["kind"] == "person"
        wait_for(lambda: len(records(events)) >= 4)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    seen = [(e["rule"], e["phase"]) for e in records(events)]
    assert seen[:2] == [("person", "start"), ("mask_missing", "start")]
    assert sorted(seen[2:]) == [("mask_missing", "end"), ("person", "end")]
    assert {e["source"] for e in records(events)} == {"door"}
    first = records(frames)[0]
    assert {"path", "frame", "time_s", "width", "height", "faces", "timings_ms"} == set(first)
    assert "door: connected, 320 × 240 pixels." in log.read_text()
    assert "frames analysed" in log.read_text()


def test_a_file_ends_the_command(
    tmp_path: Path, astronaut: Frame, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = tmp_path / "clip.ts"
    clip.write_bytes(transport_stream([portrait(astronaut)] * 20))
    assert main(["watch", str(clip), "--rule", "person:for_s=0.2", "--stats"]) == 0
    out, err = capsys.readouterr()
    events = [json.loads(line) for line in out.splitlines()]
    assert [(e["phase"], e.get("reason")) for e in events] == [("start", None), ("end", "stopped")]
    assert "stdout: 2 delivered, delay " in err


def test_a_camera_that_changes_its_size_is_watched_on(tmp_path: Path, astronaut: Frame) -> None:
    frames = tmp_path / "frames.jsonl"
    small, large = portrait(astronaut), astronaut
    with (
        http_camera(at_rate([*[small] * 20, large])) as address,
        watching(address, "--jsonl", str(frames), folder=tmp_path),
    ):
        wait_for(lambda: any(r["width"] == 512 and r["faces"] for r in records(frames)))
    assert any(r["width"] == 320 and r["faces"] for r in records(frames))


def test_nobody_reads_its_output(tmp_path: Path) -> None:
    with (
        http_camera(at_rate([gray()])) as address,
        watching(address, "--jsonl", "-", folder=tmp_path) as (process, log),
    ):
        assert process.stdout is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) == 1
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nofile.mp4"], "There is no such file"),
        (["README.md"], "not a video"),
        (["http://127.0.0.1:9/", "--retries", "0"], "Connection refused"),
        (["README.md", "--rules", "pyproject.toml"], "README.md"),
        (["http://127.0.0.1:9/", "--rules", "pyproject.toml"], "there is no key 'project'"),
        (["http://127.0.0.1:9/", "--attributes", "emotion"], "add it to --attributes"),
        (["http://127.0.0.1:9/", "--webhook", "file:///etc/passwd"], "http:// or https://"),
        (["http://127.0.0.1:9/", "--serve", "0.0.0.0:0"], "set FACESTREAM_WATCH_TOKEN"),
        (["http://127.0.0.1:9/", "--events", "-", "--jsonl", "-"], "Only one of"),
    ],
)
def test_wrong_use_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err.splitlines()[-1]


def test_an_unknown_rule_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        main(["watch", "x", "--rule", "mask_mising"])
    assert error.value.code == 2
    assert "did you mean 'mask_missing'?" in capsys.readouterr().err
