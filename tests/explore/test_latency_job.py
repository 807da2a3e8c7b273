"""The benchmark that a page runs: success, cancellation, failure, and the end of its server."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from realtime.results import latency_job
from realtime.results.latency_job import (
    CANCELLED,
    FAILED,
    TIMED_OUT,
    BusyError,
    LatencyJob,
    LatencyRunner,
)
from realtime.results.stored import ROOT

SHORT = ("--runs", "4", "--warm-up", "2", "--threads", "1", "--size", "320x240", "--faces", "1")
LONG = ("--runs", "100000", "--threads", "1", "--size", "320x240", "--faces", "1")


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, f"timed out: {what}"
        time.sleep(0.05)


def finished(job: LatencyJob) -> LatencyJob:
    wait_until(lambda: not job.running, "the run ends")
    return job


@pytest.fixture
def runner() -> Iterator[LatencyRunner]:
    runner = LatencyRunner()
    yield runner
    if runner.current is not None:
        runner.current.cancel()


def test_a_successful_run_has_results(runner: LatencyRunner) -> None:
    job = finished(runner.start(SHORT))
    assert job.problem == ""
    assert job.results is not None
    (row,) = job.results.rows
    assert (row.faces, row.frames, row.size) == (1, 4, "320×240")
    assert (job.done, job.total, job.progress) == (6, 6, 1.0)
    assert runner.current is None


def test_one_run_at_a_time_and_cancel(runner: LatencyRunner) -> None:
    job = runner.start(LONG)
    wait_until(lambda: job.done > 0, "the run reports progress")
    assert 0 < job.progress < 1
    with pytest.raises(BusyError, match="Another visitor"):
        runner.start(SHORT)
    job.cancel()
    finished(job)
    assert job.problem == CANCELLED
    assert job.results is None
    assert not benchmark_processes()
    assert finished(runner.start(SHORT)).results is not None  # another run can start


def test_a_run_that_takes_too_long_is_stopped(runner: LatencyRunner) -> None:
    assert finished(runner.start(LONG, timeout_s=0.5)).problem == TIMED_OUT
    assert not benchmark_processes()


def test_the_error_message_of_the_benchmark_is_passed_on(
    runner: LatencyRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys; sys.exit('The benchmark cannot run: there are no images.')"
    monkeypatch.setattr(latency_job, "COMMAND", (sys.executable, "-c", code))
    assert finished(runner.start(())).problem == "The benchmark cannot run: there are no images."


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "print('[]')", "print('nothing')"])
def test_a_failure_without_results_has_a_message(
    runner: LatencyRunner, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(latency_job, "COMMAND", (sys.executable, "-c", code))
    assert finished(runner.start(())).problem == FAILED


def test_the_benchmark_ends_when_its_server_is_killed() -> None:
    code = (
        "import time; from realtime.results.latency_job import LatencyRunner; "
        f"job = LatencyRunner().start({LONG!r})\n"
        "while not job.done: time.sleep(0.05)\n"
        "print(job._process.pid, flush=True); time.sleep(600)"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with server:
        pid = int((server.stdout or pytest.fail("stdout is not a pipe")).readline())
        assert psutil.pid_exists(pid)
        server.kill()  # SIGKILL leaves no chance to clean up
    wait_until(lambda: not is_alive(pid), "the benchmark ends")


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def benchmark_processes() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if "latency" in p.cmdline()]
