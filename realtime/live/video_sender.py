"""Sending of video at the pace of the network; aiortc's sender sends whatever is encoded."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from typing import Any

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpsender import RTCEncodedFrame, RTCRtpSender
from aiortc.rtp import (
    RTCP_PSFB_APP,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtpPacket,
    unpack_remb_fci,
)
from aiortc.utils import uint16_add

from realtime.live.bitrate import SendBudget

MIN_KEY_FRAME_INTERVAL_S = 0.5
MIN_REPEAT_S = 0.02  # between two copies of one lost packet
MAX_REMEMBERED = 128  # retransmitted packets
MIN_LOSS = 0.03  # from this share of lost packets on, the last packet of each frame is sent twice
REPEAT_LAST_AFTER_S = 0.008


class PacedSender(RTCRtpSender):
    """Sends video, lost packets and key frames only as often as the network can take them.

    Where packets are lost, the last one of each frame is sent twice: only with the next frame could
    a browser notice that it is missing, and then it shows the newer frame alone.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._budget = SendBudget()
        self._packet_size = 1000  # bytes, of the latest packets
        self._repeated_s: OrderedDict[int, float] = OrderedDict()
        self._key_frame_s = float("-inf")
        self._key_frame_timer: asyncio.TimerHandle | None = None
        self._loss = 0.0  # share of packets, of the browser's latest report
        self._last_sent: int | None = None  # sequence number of the latest frame's last packet
        self._frame_packets = 0
        self._repeats = set[asyncio.Future[None]]()

    async def _next_encoded_frame(self, codec: RTCRtpCodecParameters) -> RTCEncodedFrame | None:
        if self.kind != "video":
            return await super()._next_encoded_frame(codec)
        self._frame_sent()
        while not self._budget.may_send:
            await self.track.recv()
        frame = await super()._next_encoded_frame(codec)
        if frame is not None:
            size, packets = sum(map(len, frame.payloads)), len(frame.payloads)
            self._packet_size = size // packets
            self._frame_packets = packets
            self._budget.spend(size, packets)
        return frame

    def _frame_sent(self) -> None:
        """Repeat the last packet of the frame that has just been sent, if packets are lost."""
        packets, self._frame_packets = self._frame_packets, 0
        if packets == 0:
            return
        if self._last_sent is None:  # the first frame: aiortc chose its numbers
            history: dict[int, RtpPacket] = vars(self)["_RTCRtpSender__rtp_history"]
            self._last_sent = next(reversed(history.values())).sequence_number
        else:
            self._last_sent = uint16_add(self._last_sent, packets)
        if self._loss >= MIN_LOSS and self._budget.may_send:
            task = asyncio.ensure_future(self._repeat(self._last_sent))
            self._repeats.add(task)  # the event loop keeps only weak references
            task.add_done_callback(self._repeats.discard)

    async def _repeat(self, sequence_number: int) -> None:
        await asyncio.sleep(REPEAT_LAST_AFTER_S)
        with contextlib.suppress(ConnectionError):  # the stream has ended meanwhile
            await self._retransmit(sequence_number)

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            try:
                bitrate, ssrcs = unpack_remb_fci(packet.fci)
            except ValueError:
                return
            if self._ssrc in ssrcs:
                self._budget.set_target(bitrate)
        elif isinstance(packet, RtcpRrPacket):
            for report in packet.reports:
                if report.ssrc == self._ssrc:
                    self._loss = report.fraction_lost / 256
        await super()._handle_rtcp_packet(packet)

    async def _retransmit(self, sequence_number: int) -> None:
        now_s = time.monotonic()
        repeated_s = self._repeated_s.pop(sequence_number, float("-inf"))
        wait = now_s - repeated_s < MIN_REPEAT_S or not self._budget.may_retransmit
        self._repeated_s[sequence_number] = repeated_s if wait else now_s
        if len(self._repeated_s) > MAX_REMEMBERED:
            self._repeated_s.popitem(last=False)
        if wait:
            return  # the browser will ask again if it still needs the packet
        self._budget.spend(self._packet_size)
        await super()._retransmit(sequence_number)

    def _send_keyframe(self) -> None:
        """Send a key frame soon; those that browsers ask for meanwhile are the same one."""
        if self._key_frame_timer is None:
            loop = asyncio.get_running_loop()
            wait_s = self._key_frame_s + MIN_KEY_FRAME_INTERVAL_S - time.monotonic()
            self._key_frame_timer = loop.call_later(max(0.0, wait_s), self._send_keyframe_now)

    def _send_keyframe_now(self) -> None:
        self._key_frame_timer, self._key_frame_s = None, time.monotonic()
        super()._send_keyframe()
