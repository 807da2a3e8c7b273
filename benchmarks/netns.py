"""Two virtual hosts on this machine, one for the server and one for the browser.

aiortc offers no loopback candidates, so a browser on the same host cannot connect unless the
machine has a network. Two network namespaces joined by a virtual cable always have one, and
nothing they send leaves the machine.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from types import TracebackType
from typing import Self

_NUMBERS = itertools.count()
SERVER_IP, CLIENT_IP, OTHER_CLIENT_IP = "10.77.0.1", "10.77.0.2", "10.77.0.3"


class TwoHosts:
    """Context manager that creates two joined network namespaces.

    Attributes:
        server: Prefix for the command of a server.
        client: Prefix for the command of a browser.
        address: IP address of the server as the browser sees it.

    Raises:
        RuntimeError: On entering, if network namespaces cannot be created.
    """

    def __init__(self) -> None:
        tag = f"fs{os.getpid()}n{next(_NUMBERS)}"
        self._names = (f"{tag}s", f"{tag}c")
        self.server, self.client = (["ip", "netns", "exec", name] for name in self._names)
        self.address = SERVER_IP

    @staticmethod
    def unavailable_reason() -> str | None:
        """Why network namespaces cannot be created here; None if they can."""
        if shutil.which("ip") is None:
            return "the ip command is missing (Debian: iproute2)"
        probe = f"fs{os.getpid()}p"
        added = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True)
        if added.returncode != 0:
            return f"network namespaces cannot be created: {added.stderr.strip()}"
        subprocess.run(["ip", "netns", "del", probe], check=True)
        return None

    def __enter__(self) -> Self:
        reason = self.unavailable_reason()
        if reason is not None:
            raise RuntimeError(f"server and browser need separate networks: {reason}")
        for name in self._names:
            run_ip("netns", "add", name)
            # An IPv6 address would appear a second or two after the link; Chromium takes that for
            # a change of network and aborts all pending requests.
            no_ipv6 = "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6"
            run_ip("netns", "exec", name, "sh", "-c", f"[ ! -d /proc/sys/net/ipv6 ] || {no_ipv6}")
            run_ip("-n", name, "link", "set", "lo", "up")
        try:
            self._join()
        except BaseException:
            self._delete()
            raise
        return self

    def _join(self) -> None:
        """Connect the two namespaces."""
        server, client = self._names
        run_ip("link", "add", "veth-s", "netns", server, "type", "veth",
               "peer", "name", "veth-c", "netns", client)  # fmt: skip
        ends = ((server, "veth-s", SERVER_IP, CLIENT_IP), (client, "veth-c", CLIENT_IP, SERVER_IP))
        for name, link, own, other in ends:
            run_ip("-n", name, "addr", "add", f"{own}/24", "dev", link)
            run_ip("-n", name, "link", "set", link, "up")
            run_ip("-n", name, "route", "add", "default", "via", other)

    def disconnect(self) -> None:
        """Take the link between the hosts down."""
        run_ip("-n", self._names[0], "link", "set", "veth-s", "down")

    def reconnect(self) -> None:
        """Bring the link between the hosts up again."""
        run_ip("-n", self._names[0], "link", "set", "veth-s", "up")
        run_ip("-n", self._names[0], "route", "replace", "default", "via", CLIENT_IP)

    def change_client_address(self) -> None:
        """Give the browser's host another address; `reconnect` does not restore the first."""
        name = self._names[1]
        run_ip("-n", name, "addr", "add", f"{OTHER_CLIENT_IP}/24", "dev", "veth-c")
        run_ip("-n", name, "addr", "del", f"{CLIENT_IP}/24", "dev", "veth-c")
        # The kernel removes the second address and the route together with the first.
        run_ip("-n", name, "addr", "replace", f"{OTHER_CLIENT_IP}/24", "dev", "veth-c")
        run_ip("-n", name, "route", "replace", "default", "via", SERVER_IP)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._delete()

    def _delete(self) -> None:
        for name in self._names:
            subprocess.run(["ip", "netns", "del", name], check=False)


def run_ip(*arguments: str) -> None:
    """Run `ip` with these arguments.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
