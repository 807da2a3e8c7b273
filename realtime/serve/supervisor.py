"""Runs workers and Caddy until told to stop; restarts workers one by one on SIGHUP."""

from __future__ import annotations

import itertools
import json
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from types import FrameType

from realtime.serve.caddy import Caddy, CaddyError
from realtime.serve.caddyfile import Site, Upstream
from realtime.serve.workers import START_S, STOP_S, Worker

POLL_S = 0.25
TARGETS = "prometheus.json"
ASK_DRAINED_S = 2.0


class StartError(CaddyError):
    """A worker does not start; the message is one sentence."""


class Supervisor:
    """The processes of one `facestream serve`.

    Args:
        site: where visitors come in.
        workers: number of workers.
        environment: more environment variables for them.
        drain_s: how long a worker that is being replaced waits for its viewers to leave.
    """

    def __init__(
        self, site: Site, workers: int, environment: Mapping[str, str], *, drain_s: float
    ) -> None:
        self._site, self._environment, self._drain_s = site, environment, drain_s
        self._names = (f"w{number}" for number in itertools.count(1))
        self._count = workers
        self._workers: list[Worker] = []
        self._draining: list[tuple[Worker, float]] = []  # and when it is stopped at the latest
        self._caddy: Caddy | None = None
        self._stopping = self._restarting = False
        self._asked_s = 0.0

    def run(self) -> int:
        """Serve until SIGTERM or SIGINT. Returns the exit code.

        Raises:
            CaddyError: a worker or Caddy does not start.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._restart)
        try:
            self._workers = [self._new_worker() for _ in range(self._count)]
            for worker in self._workers:
                self._wait_until_ready(worker)
            if not self._stopping:
                self._caddy = Caddy(self._site, self._upstreams())
                self._write_targets()
                print(f"FaceStream is at {self._site.url} ({self._count} workers).", flush=True)
            while not self._stopping:
                self._watch()
                time.sleep(POLL_S)
        finally:
            self._end()
        return 0

    def _new_worker(self) -> Worker:
        return Worker(next(self._names), self._environment)

    def _wait_until_ready(self, worker: Worker) -> None:
        deadline_s = time.monotonic() + START_S
        while not self._stopping and (worker.state() or {}).get("ready") is not True:
            if not worker.running or time.monotonic() > deadline_s:
                state = worker.state() or {}
                raise StartError(f"A worker does not start ({state.get('checks', 'see above')}).")
            time.sleep(POLL_S)

    def _watch(self) -> None:
        for worker in self._workers:
            if worker.keep_running():
                _say(f"Worker {worker.upstream.name} died; starting it again.")
        assert self._caddy is not None
        if not self._caddy.running:
            raise CaddyError("Caddy has ended; its messages above say why.")
        if self._restarting:
            self._restarting = False
            self._replace_all()
        if self._draining and time.monotonic() - self._asked_s > ASK_DRAINED_S:
            self._asked_s = time.monotonic()
            self._stop_drained()

    def _replace_all(self) -> None:
        """Replace each worker by a new one; the old ones keep their viewers until these leave."""
        for old in list(self._workers):
            if self._stopping:
                return
            new = self._new_worker()
            try:
                self._wait_until_ready(new)
            except StartError as error:
                new.stop()
                new.wait(STOP_S)
                return _say(f"{error} The workers that run stay in place.")
            self._workers[self._workers.index(old)] = new
            self._draining.append((old, time.monotonic() + self._drain_s))
            self._use()
            _say(f"Worker {new.upstream.name} replaces {old.upstream.name}.")

    def _stop_drained(self) -> None:
        """Stop the replaced workers that have no viewers any more, or have waited long enough."""
        for worker, until_s in list(self._draining):
            sessions = (worker.state() or {}).get("sessions", 0)
            if worker.running and sessions and time.monotonic() < until_s:
                continue
            self._draining.remove((worker, until_s))
            self._use()
            worker.stop()
            worker.wait(STOP_S)
            _say(f"Worker {worker.upstream.name} has ended.")

    def _use(self) -> None:
        assert self._caddy is not None
        self._write_targets()
        try:
            self._caddy.use(self._upstreams())
        except CaddyError as error:
            _say(str(error))

    def _upstreams(self) -> list[Upstream]:
        old = [replace(worker.upstream, draining=True) for worker, _ in self._draining]
        return [*(worker.upstream for worker in self._workers), *old]

    def _write_targets(self) -> None:
        """List the workers for Prometheus' file_sd_configs."""
        targets = [
            {"targets": [upstream.address], "labels": {"worker": upstream.name}}
            for upstream in self._upstreams()
        ]
        file = self._site.folder / TARGETS
        temporary = file.with_suffix(".new")
        temporary.write_text(json.dumps(targets), encoding="utf-8")
        temporary.replace(file)

    def _end(self) -> None:
        """Stop the workers, which finish what they do, and then Caddy."""
        workers = [*self._workers, *(worker for worker, _ in self._draining)]
        for worker in workers:
            worker.stop()
        deadline_s = time.monotonic() + STOP_S
        for worker in workers:
            worker.wait(deadline_s - time.monotonic())
        if self._caddy is not None:
            self._caddy.stop()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _restart(self, _signal: int, _frame: FrameType | None) -> None:
        self._restarting = True


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
