"""What browsers are told to send, over simulated networks."""

from __future__ import annotations

import random

from realtime.live.bitrate import MIN_BPS
from realtime.live.bitrate_estimate import SteadyEstimator

PACKET = 1000  # bytes
PERIOD_MS = 11
SSRC = 1


def reports(sent_ms: list[float], arrived_ms: list[float]) -> list[int]:
    """The bit rates reported when packets arrive at these times."""
    estimator = SteadyEstimator()
    order = sorted(range(len(sent_ms)), key=lambda i: arrived_ms[i])
    all_reports = (
        estimator.add(
            arrival_time_ms=round(arrived_ms[i]),
            abs_send_time=round(sent_ms[i] / 1000 * 2**18) % 2**24,
            payload_size=PACKET,
            ssrc=SSRC,
        )
        for i in order
    )
    return [report[0] for report in all_reports if report is not None]


def test_after_jitter_the_estimate_rises_again() -> None:
    rng = random.Random(1)
    frames = 900  # of three packets each; a third of them cross jitter
    sent_ms = [33.0 * i + 3 * k for i in range(frames) for k in range(3)]
    late_ms = [rng.uniform(0, 40 if 450 <= i < 1350 else 1) for i in range(3 * frames)]
    told = reports(sent_ms, [at + late for at, late in zip(sent_ms, late_ms, strict=True)])
    assert told[-1] > 900_000  # 727 kbit/s arrive; an estimate may be half as much more


def test_a_link_that_is_full_is_reported_and_never_less_than_the_minimum() -> None:
    sent_ms = [i * PERIOD_MS * 1.0 for i in range(1500)]
    told = reports(sent_ms, [at + 0.5 * at for at in sent_ms])  # the queue grows
    assert told[-1] < 500_000
    slow = reports([10 * at for at in sent_ms], [15 * at for at in sent_ms])
    assert min(slow) == MIN_BPS
