"""The bit rate that browsers are told to send: aiortc's estimate, mended for jitter."""

from __future__ import annotations

from aiortc.rate import RemoteBitrateEstimator

from realtime.live.bitrate import MIN_BPS

_HALF_RANGE = 0x800000  # of send times, which have 24 bits


class SteadyEstimator(RemoteBitrateEstimator):
    """Estimates from packets in the order of their sending, and never less than `MIN_BPS`.

    One packet that overtook another makes aiortc compute a negative time between them, which it
    takes for a minute: its filter diverges and reports ever less, also after the jitter has ended.
    The minimum is needed because strong jitter looks like congestion, however little is sent.
    """

    def __init__(self) -> None:
        super().__init__()
        self._newest: int | None = None

    def add(
        self, arrival_time_ms: int, abs_send_time: int, payload_size: int, ssrc: int
    ) -> tuple[int, list[int]] | None:
        """Note a packet; returns the bit rate to report, if it is time to, and its streams."""
        if self._newest is not None and (abs_send_time - self._newest) % 2**24 >= _HALF_RANGE:
            self.incoming_bitrate.add(payload_size, arrival_time_ms)
            return None
        self._newest = abs_send_time
        report = super().add(arrival_time_ms, abs_send_time, payload_size, ssrc)
        return None if report is None else (max(report[0], MIN_BPS), report[1])
