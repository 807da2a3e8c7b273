"""Two hosts on this machine: network namespaces joined by a cable, for a server and a browser.

aiortc offers no loopback address, so that a browser on the same host finds no way to it unless the
machine has a network. Two namespaces always have one, and nothing they send leaves the machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from types import TracebackType

SERVER_IP, CLIENT_IP = "10.77.0.1", "10.77.0.2"


class TwoHosts:
    """A context in which the two namespaces exist.

    Attributes:
        server: what to put before a server's command.
        client: what to put before a browser's command.
        address: the server's address as the browser sees it.

    Raises:
        RuntimeError: on entering, where namespaces cannot be made here.
    """

    def __init__(self) -> None:
        tag = f"fs{os.getpid()}"
        self._names = (f"{tag}s", f"{tag}c")
        self.server, self.client = (["ip", "netns", "exec", name] for name in self._names)
        self.address = SERVER_IP

    @staticmethod
    def obstacle() -> str | None:
        """Why namespaces cannot be made here; None where they can."""
        if shutil.which("ip") is None:
            return "the ip command is missing (Debian: iproute2)"
        probe = f"fs{os.getpid()}p"
        made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True)
        if made.returncode != 0:
            return f"network namespaces cannot be made: {made.stderr.strip()}"
        subprocess.run(["ip", "netns", "del", probe], check=True)
        return None

    def __enter__(self) -> TwoHosts:
        obstacle = self.obstacle()
        if obstacle is not None:
            raise RuntimeError(f"server and browser need a network of their own: {obstacle}")
        server, client = self._names
        for name in self._names:
            _ip("netns", "add", name)
            # An IPv6 address appears a second or two after the cable, and Chromium then gives up
            # all requests under way: the network has changed.
            no_ipv6 = "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6"
            _ip("netns", "exec", name, "sh", "-c", f"[ ! -d /proc/sys/net/ipv6 ] || {no_ipv6}")
            _ip("-n", name, "link", "set", "lo", "up")
        _ip("link", "add", "veth-s", "netns", server, "type", "veth",
            "peer", "name", "veth-c", "netns", client)  # fmt: skip
        ends = ((server, "veth-s", SERVER_IP, CLIENT_IP), (client, "veth-c", CLIENT_IP, SERVER_IP))
        for name, link, own, other in ends:
            _ip("-n", name, "addr", "add", f"{own}/24", "dev", link)
            _ip("-n", name, "link", "set", link, "up")
            _ip("-n", name, "route", "add", "default", "via", other)
        return self

    def cut(self) -> None:
        """Pull the cable."""
        _ip("-n", self._names[0], "link", "set", "veth-s", "down")

    def mend(self) -> None:
        """Put the cable back."""
        _ip("-n", self._names[0], "link", "set", "veth-s", "up")
        _ip("-n", self._names[0], "route", "replace", "default", "via", CLIENT_IP)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in self._names:
            subprocess.run(["ip", "netns", "del", name], check=False)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
