"""Two virtual hosts joined by a bad network: delay, jitter, loss, a limited rate, silent cuts.

Each host has a TUN device; a process reads the packets of one and writes them to the other, later
or not at all. Many kernels, those of containers above all, lack the netem queueing discipline.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import multiprocessing
import os
import random
import select
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType

from benchmarks.netns import CLIENT_IP, SERVER_IP, TwoHosts, run_ip

QUEUE_S = 0.3  # what a limited link holds before it drops packets
READS = 64  # packets read in a row from one host
POLL_S = 0.05
START_S = 30.0
DEVICE = "tun0"
_CLONE_NEWNET, _TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x40000000, 0x400454CA, 0x0001, 0x1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link does to packets, in each direction. The default is a perfect link.

    Attributes:
        delay_ms: Time that each packet takes.
        jitter_ms: Each packet takes up to so much more or less; packets can overtake each other.
        loss: Probability that a packet is lost, 0 to 1.
        rate_kbit: Kilobits per second, with a queue of `QUEUE_S`; None: unlimited.
        cut: Whether all packets are lost.
    """

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss: float = 0.0
    rate_kbit: float | None = None
    cut: bool = False


class ImpairedHosts(TwoHosts):
    """`TwoHosts` joined by a link that can be impaired; needs root and /dev/net/tun."""

    def set_link(self, link: Link) -> None:
        """Change what the link does to packets from now on."""
        self._pipe.send(link)

    def _join(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, far_end = context.Pipe()
        self._relay = context.Process(target=_relay, args=(far_end, self._names), daemon=True)
        self._relay.start()
        far_end.close()
        ready = self._pipe.poll(START_S)
        problem = self._pipe.recv() if ready else "it did not start"
        if problem is not None:
            raise RuntimeError(f"the impaired link needs root and /dev/net/tun: {problem}")
        for name, address in zip(self._names, (SERVER_IP, CLIENT_IP), strict=True):
            run_ip("-n", name, "addr", "add", f"{address}/24", "dev", DEVICE)
            run_ip("-n", name, "link", "set", DEVICE, "up", "txqueuelen", "2000")
            run_ip("-n", name, "route", "add", "default", "dev", DEVICE)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pipe.close()  # ends the relay
        self._relay.join(START_S)
        super().__exit__(kind, error, trace)


class Direction:
    """Decides for each packet of one direction when it arrives.

    Args:
        rng: Source of jitter and loss.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._free_s = 0.0  # when the link has sent all that it accepted

    def arrival_s(self, size: int, now_s: float, link: Link) -> float | None:
        """Time at which a packet of `size` bytes sent now arrives; None if it is lost."""
        if link.cut or self._rng.random() < link.loss:
            return None
        at_s = now_s
        if link.rate_kbit is not None:
            at_s = max(self._free_s, now_s) + size * 8 / (link.rate_kbit * 1e3)
            if at_s - now_s > QUEUE_S:
                return None
            self._free_s = at_s
        return at_s + (link.delay_ms + self._rng.uniform(-1, 1) * link.jitter_ms) / 1e3


def _relay(pipe: Connection, names: Sequence[str]) -> None:
    """Pass packets between the namespaces until the pipe is closed; says None when ready."""
    try:
        devices = [_open_tun(name) for name in names]
    except OSError as error:
        return pipe.send(str(error))
    pipe.send(None)
    other = dict(zip(devices, reversed(devices), strict=True))
    directions = {fd: Direction(random.Random(fd)) for fd in devices}
    link, number, waiting = Link(), 0, list[tuple[float, int, int, bytes]]()
    while True:
        now_s = time.monotonic()
        while waiting and waiting[0][0] <= now_s:
            _, _, fd, packet = heapq.heappop(waiting)
            _write(fd, packet)
        wait_s = min(POLL_S, waiting[0][0] - now_s) if waiting else POLL_S
        for source in select.select([*devices, pipe.fileno()], [], [], wait_s)[0]:
            if source == pipe.fileno():
                try:
                    link = pipe.recv()
                except EOFError:
                    return None
                continue
            for _ in range(READS):
                try:
                    packet = os.read(source, 65536)
                except BlockingIOError:
                    break
                at_s = directions[source].arrival_s(len(packet), time.monotonic(), link)
                if at_s is not None:
                    number += 1  # keeps packets of the same time in order
                    heapq.heappush(waiting, (at_s, number, other[source], packet))


def _open_tun(name: str) -> int:
    """Open a TUN device inside a namespace; only the opening moves there, not the process."""
    libc = ctypes.CDLL(None, use_errno=True)
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    inside = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        if libc.setns(inside, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "the network namespace cannot be entered")
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(fd, _TUNSETIFF, struct.pack("16sH", DEVICE.encode(), _IFF_TUN | _IFF_NO_PI))
        return fd
    finally:
        libc.setns(own, _CLONE_NEWNET)
        os.close(inside)
        os.close(own)


def _write(fd: int, packet: bytes) -> None:
    try:
        os.write(fd, packet)
    except OSError:
        pass  # the host's interface is down or its queue is full: the packet is lost
