"""The benchmark that runs from a page: to its end, cancelled, refused, and gone with its server."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from realtime.results import latency_run
from realtime.results.latency_run import FAILED, BusyError, Run, Runner
from realtime.results.stored import ROOT

SHORT = ("--runs", "4", "--warm-up", "2", "--threads", "1", "--size", "320x240", "--faces", "1")
LONG = ("--runs", "100000", "--threads", "1", "--size", "320x240", "--faces", "1")


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, f"waited in vain for this: {what}"
        time.sleep(0.05)


def ended(run: Run) -> Run:
    until(lambda: not run.running, "the run ends")
    return run


@pytest.fixture
def runner() -> Iterator[Runner]:
    made = Runner()
    yield made
    if made.current is not None:
        made.current.cancel()


def test_to_its_end(runner: Runner) -> None:
    run = ended(runner.start(SHORT))
    assert run.problem == ""
    assert run.figures is not None
    (row,) = run.figures.rows
    assert (row.faces, row.frames, row.size) == (1, 4, "320×240")
    assert (run.done, run.total, run.share) == (6, 6, 1.0)
    assert runner.current is None


def test_one_at_a_time_and_cancel(runner: Runner) -> None:
    run = runner.start(LONG)
    until(lambda: run.done > 0, "frames are counted")
    assert 0 < run.share < 1
    with pytest.raises(BusyError, match="Another visitor is measuring"):
        runner.start(SHORT)
    run.cancel()
    ended(run)
    assert run.problem == "The measurement was cancelled."
    assert run.figures is None
    assert not children()
    assert ended(runner.start(SHORT)).figures is not None  # the next may start


def test_one_that_takes_too_long_is_ended(runner: Runner) -> None:
    run = ended(runner.start(LONG, limit_s=0.5))
    assert "took too long" in run.problem
    assert not children()


def test_what_the_benchmark_refuses_is_passed_on(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse = "import sys; sys.exit('The benchmark cannot run: there are no pictures.')"
    monkeypatch.setattr(latency_run, "COMMAND", (sys.executable, "-c", refuse))
    assert ended(runner.start(())).problem == "The benchmark cannot run: there are no pictures."


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "print('[]')", "print('nothing')"])
def test_what_is_no_result_is_a_sentence(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(latency_run, "COMMAND", (sys.executable, "-c", code))
    assert ended(runner.start(())).problem == FAILED


def test_it_dies_with_its_server() -> None:
    code = (
        "import time; from realtime.results.latency_run import Runner; "
        f"run = Runner().start({LONG!r})\n"
        "while not run.done: time.sleep(0.05)\n"
        "print(run._process.pid, flush=True); time.sleep(600)"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with server:
        pid = int((server.stdout or pytest.fail("it has a pipe")).readline())
        assert psutil.pid_exists(pid)
        server.kill()  # without a chance to clear up
    until(lambda: not alive(pid), "the benchmark is gone")


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if "latency" in p.cmdline()]
