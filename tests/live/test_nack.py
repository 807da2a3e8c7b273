"""Lost packets are asked for until they arrive or are too old."""

from __future__ import annotations

import pytest
from aiortc.rtp import RtpPacket

from realtime.live.nack import MAX_AGE_S, MAX_MISSING, START_RETRY_S, RepeatedNack


class Receiver:
    """A generator with a clock that stands still between packets."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.nack = RepeatedNack(lambda: self.now_s)

    def receive(self, seq: int, *, after_s: float = 0.0) -> set[int]:
        """Receive a packet; returns what is asked for."""
        self.now_s += after_s
        asked = self.nack.add(RtpPacket(sequence_number=seq % 65536))
        assert asked == bool(self.nack.missing)
        return set(self.nack.missing)


@pytest.mark.parametrize("first", [0, 65534])  # sequence numbers wrap
def test_only_what_is_missing_is_asked_for(first: int) -> None:
    receiver = Receiver()
    assert receiver.receive(first) == set()
    assert receiver.receive(first + 1) == set()
    assert receiver.receive(first + 4) == {(first + 2) % 65536, (first + 3) % 65536}
    assert receiver.receive(first + 5) == set()  # asked just now


def test_a_lost_request_is_repeated_until_the_packet_arrives() -> None:
    receiver = Receiver()
    receiver.receive(1)
    assert receiver.receive(3) == {2}
    assert receiver.receive(4, after_s=START_RETRY_S / 2) == set()
    assert receiver.receive(5, after_s=START_RETRY_S) == {2}
    receiver.receive(2)
    assert receiver.receive(6, after_s=START_RETRY_S * 3) == set()


def test_old_packets_are_given_up() -> None:
    receiver = Receiver()
    receiver.receive(1)
    receiver.receive(3)
    assert receiver.receive(4, after_s=MAX_AGE_S) == set()


def test_requests_wait_for_the_round_trip_of_the_network() -> None:
    receiver, seq = Receiver(), 1
    receiver.receive(seq)
    for _ in range(30):  # answers take 0.3 s
        receiver.receive(seq + 2)
        receiver.receive(seq + 1, after_s=0.3)
        seq += 2
    assert receiver.receive(seq + 2) == {seq + 1}
    assert receiver.receive(seq + 3, after_s=0.35) == set()
    assert receiver.receive(seq + 4, after_s=0.15) == {seq + 1}


def test_a_long_cut_asks_for_nothing() -> None:
    receiver = Receiver()
    receiver.receive(1)
    assert receiver.receive(MAX_MISSING + 3) == set()
