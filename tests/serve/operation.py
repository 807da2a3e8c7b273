"""A whole installation between two network namespaces: workers, Caddy, TURN server, OIDC provider.

UDP is blocked between the namespaces: video reaches the browser through the TURN server alone.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.app_server import ROOT, fetch
from benchmarks.netns import CLIENT_IP, SERVER_IP, TwoHosts, run_ip

PORT, TURN_PORT, OIDC_PORT = 8443, 3478, 9400
OPERATOR, VIEWER = "operator@example.org", "viewer@example.org"
METRICS_TOKEN = "read-metrics"
UDP_PORTS = "42000-42099"
START_S = 120.0


@dataclass(frozen=True, slots=True)
class Operation:
    """The running installation.

    Attributes:
        url: what visitors open.
        hosts: the namespaces.
        supervisor: the process of `facestream serve`.
        folder: its folder.
    """

    url: str
    hosts: TwoHosts
    supervisor: subprocess.Popen[bytes]
    folder: Path

    def workers(self) -> dict[str, str]:
        """Addresses of the workers by name."""
        targets = json.loads((self.folder / "prometheus.json").read_text())
        return {target["labels"]["worker"]: target["targets"][0] for target in targets}

    def metrics(self) -> dict[str, float]:
        """The metrics of all workers, summed by name and labels."""
        total: dict[str, float] = {}
        for address in self.workers().values():
            for line in fetch(f"http://{address}/metrics", self.hosts.server).splitlines():
                if line and not line.startswith("#"):
                    name, _, value = line.rpartition(" ")
                    total[name] = total.get(name, 0.0) + float(value)
        return total

    def kill_worker(self, name: str) -> None:
        """Kill the process of a worker, as a fault of its own would."""
        port = self.workers()[name].rpartition(":")[2]
        command = ["pgrep", "-P", str(self.supervisor.pid), "-f", f"server.port {port}"]
        pid = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        os.kill(pid, signal.SIGKILL)


def missing_program() -> str | None:
    """A program that the installation needs and this machine lacks; None if all are there."""
    return next((name for name in ("turnserver", "ip") if shutil.which(name) is None), None)


@contextmanager
def operation(folder: Path, *, workers: int = 2) -> Iterator[Operation]:
    """Run the installation until the context exits."""
    with ExitStack() as stack:
        hosts = stack.enter_context(TwoHosts())
        block_udp(hosts)
        secret = "shared-with-coturn"
        stack.enter_context(_process([*hosts.server, *_turn_command(secret, folder)], folder))
        users = [f"--user={name}" for name in (OPERATOR, VIEWER)]
        provider = [sys.executable, "-m", "oidc_provider_mock", f"--host={SERVER_IP}",
                    f"--port={OIDC_PORT}", *users]  # fmt: skip
        stack.enter_context(_process([*hosts.server, *provider], folder))
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "STREAMLIT_SECRETS_FILES": str(_secrets(folder)),
            "FACESTREAM_TURN_URLS": json.dumps([f"turn:{SERVER_IP}:{TURN_PORT}?transport=tcp"]),
            "FACESTREAM_TURN_SECRET": secret,
            "FACESTREAM_UDP_PORTS": UDP_PORTS,
            "FACESTREAM_ADMIT_BY_LOAD": "false",  # browsers run on the same cores
            "FACESTREAM_OPERATORS": json.dumps([OPERATOR]),
            "FACESTREAM_METRICS_TOKEN": METRICS_TOKEN,
        }
        serve = [sys.executable, "-m", "realtime.serve", "--workers", str(workers),
                 "--host", SERVER_IP, "--port", str(PORT), "--tls", "internal",
                 "--folder", str(folder / "serve"), "--drain-minutes", "1"]  # fmt: skip
        supervisor = stack.enter_context(
            _process([*hosts.server, *serve], folder, environment=environment)
        )
        started = Operation(f"https://{SERVER_IP}:{PORT}", hosts, supervisor, folder / "serve")
        _wait_for(folder / "serve" / "prometheus.json", supervisor, folder)
        yield started


def block_udp(hosts: TwoHosts) -> None:
    """Let no UDP packet pass between the namespaces; inside each it still does."""
    for prefix in (hosts.server, hosts.client):
        run_ip("-n", prefix[-1], "rule", "add", "pref", "100", "ipproto", "udp", "prohibit")


def _turn_command(secret: str, folder: Path) -> list[str]:
    return [
        "turnserver", "-n", f"--listening-ip={SERVER_IP}", f"--relay-ip={SERVER_IP}",
        f"--listening-port={TURN_PORT}", "--use-auth-secret", f"--static-auth-secret={secret}",
        "--realm=facestream", "--no-tls", "--no-dtls", "--no-cli", "--no-rfc5780",
        "--min-port=50000", "--max-port=50099", f"--pidfile={folder}/turn.pid",
        f"--userdb={folder}/turn.sqlite", "--log-file=stdout",
    ]  # fmt: skip


def _secrets(folder: Path) -> Path:
    file = folder / "secrets.toml"
    file.write_text(f"""[auth]
redirect_uri = "https://{SERVER_IP}:{PORT}/oauth2callback"
cookie_secret = "of-this-test-alone-and-long-enough"
client_id = "facestream"
client_secret = "facestream"
server_metadata_url = "http://{SERVER_IP}:{OIDC_PORT}/.well-known/openid-configuration"
""")
    return file


@contextmanager
def _process(
    command: Sequence[str], folder: Path, *, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "output.log").open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(file: Path, process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + START_S
    while not file.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError((folder / "output.log").read_text(errors="replace")[-3000:])
        time.sleep(0.2)


__all__ = ["CLIENT_IP", "Operation", "missing_program", "operation"]
