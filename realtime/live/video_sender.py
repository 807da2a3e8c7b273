"""Sending of video at the pace of the network; aiortc's sender sends whatever is encoded."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Any

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpsender import RTCEncodedFrame, RTCRtpSender
from aiortc.rtp import RTCP_PSFB_APP, AnyRtcpPacket, RtcpPsfbPacket, unpack_remb_fci

from realtime.live.bitrate import SendBudget

MIN_KEY_FRAME_INTERVAL_S = 0.5
MIN_REPEAT_S = 0.02  # between two copies of one lost packet
MAX_REMEMBERED = 128  # retransmitted packets


class PacedSender(RTCRtpSender):
    """Sends video, lost packets and key frames only as often as the network can take them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._budget = SendBudget()
        self._packet_size = 1000  # bytes, of the latest packets
        self._repeated_s: OrderedDict[int, float] = OrderedDict()
        self._key_frame_s = float("-inf")
        self._key_frame_timer: asyncio.TimerHandle | None = None

    async def _next_encoded_frame(self, codec: RTCRtpCodecParameters) -> RTCEncodedFrame | None:
        if self.kind != "video":
            return await super()._next_encoded_frame(codec)
        while not self._budget.may_send:
            await self.track.recv()
        frame = await super()._next_encoded_frame(codec)
        if frame is not None:
            size, packets = sum(map(len, frame.payloads)), len(frame.payloads)
            self._packet_size = size // packets
            self._budget.spend(size, packets)
        return frame

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            try:
                bitrate, ssrcs = unpack_remb_fci(packet.fci)
            except ValueError:
                return
            if self._ssrc in ssrcs:
                self._budget.set_target(bitrate)
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
