"""The impaired link delays, limits and loses packets as asked."""

from __future__ import annotations

import random

import pytest

from benchmarks.impaired_link import QUEUE_S, Direction, Link

SIZE = 1000  # bytes


def arrivals(link: Link, sent_s: list[float]) -> list[float | None]:
    direction = Direction(random.Random(1))
    return [direction.arrival_s(SIZE, now_s, link) for now_s in sent_s]


def test_a_perfect_link_delivers_at_once() -> None:
    assert arrivals(Link(), [0.0, 1.0]) == [0.0, 1.0]


def test_delay_and_jitter_stay_within_their_bounds() -> None:
    delays = [
        at - 5 for at in arrivals(Link(delay_ms=100, jitter_ms=20), [5.0] * 200) if at is not None
    ]
    assert len(delays) == 200
    assert min(delays) >= 0.08
    assert max(delays) <= 0.12
    assert max(delays) - min(delays) > 0.03


def test_a_limited_rate_spaces_packets_and_drops_what_its_queue_cannot_hold() -> None:
    sent = arrivals(Link(rate_kbit=100), [0.0] * 10)  # 0.08 s for each packet
    assert sent[:3] == pytest.approx([0.08, 0.16, 0.24])
    assert sent[3:] == [None] * 7
    assert QUEUE_S == pytest.approx(0.3)


def test_loss_takes_the_share_asked_for_and_a_cut_takes_all() -> None:
    lost = arrivals(Link(loss=0.1), [0.0] * 2000).count(None)
    assert 150 < lost < 250
    assert arrivals(Link(cut=True), [0.0] * 5) == [None] * 5
