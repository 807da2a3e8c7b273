"""Complete video frames from packets, as soon as each is complete.

Differences from aiortc's jitter buffer:

- A frame is complete with its last packet (RTP's marker bit), not with the first of the next one.
- All frames that a late packet completes are decoded at once. aiortc decodes one frame per packet
  received, so where a frame is one packet, a delay of a second stayed until the bit rate rose.
- No frame with a gap before it is decoded: it would show remains of older pictures. The stream
  continues at the missing packet or at the next key frame, which is asked for after a while.

Source: RFC 3550 and RFC 7741 (VP8), RFC 6184 (H.264).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from aiortc.codecs import get_decoder
from aiortc.codecs.base import Decoder
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket
from aiortc.utils import uint16_add
from av.frame import Frame

CAPACITY = 512  # packets; must be a power of 2
MAX_GAP_S = 0.7  # after which a key frame is asked for; most packets asked for come sooner
MAX_KEY_FRAMES = 4  # looked at in each step; a sender could make every packet begin one
REPEAT_S = 0.5  # between such requests
_VP8_START_CODE = b"\x9d\x01\x2a"  # key frames only
_NAL_START, _NAL_SPS = b"\x00\x00\x00\x01", 7


class FrameGroup(JitterFrame):
    """One or more complete frames, in order.

    Attributes:
        timestamp: of the first frame, 90 kHz.
        parts: data of each frame, and how much later than the first it was taken, 90 kHz.
    """

    def __init__(self, frames: list[tuple[bytes, int]]) -> None:
        super().__init__(data=frames[0][0], timestamp=frames[0][1])
        self.parts = [(data, (at - frames[0][1]) & 0xFFFFFFFF) for data, at in frames]


class GroupDecoder(Decoder):
    """Decodes all frames of a `FrameGroup`."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder

    def decode(self, encoded_frame: JitterFrame) -> list[Frame]:
        """Decode one frame or a group."""
        if not isinstance(encoded_frame, FrameGroup):
            return self._decoder.decode(encoded_frame)
        first = encoded_frame.timestamp
        parts = [JitterFrame(data, first + later) for data, later in encoded_frame.parts]
        return [frame for part in parts for frame in self._decoder.decode(part)]


def group_decoder(codec: RTCRtpCodecParameters) -> Decoder:
    """Create the decoder of a codec, for groups too."""
    return GroupDecoder(get_decoder(codec))


class FrameAssembly(JitterBuffer):
    """Holds packets until their frame is complete.

    Args:
        clock: monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(capacity=CAPACITY, is_video=True)
        self._clock = clock
        self._held: dict[int, RtpPacket] = {}
        self._next: int | None = None  # first packet of the next frame; None: at a key frame
        self._stuck_since_s: float | None = None
        self._asked_s: float | None = None

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """Add a packet; returns whether a key frame is needed, and what is now complete."""
        seq = packet.sequence_number
        if self._next is not None:
            ahead = uint16_add(seq, -self._next)
            if ahead >= 0x10000 - CAPACITY:
                return self._is_stuck(), None  # a copy, or too late
            if ahead >= CAPACITY:
                self._held.clear()
                self._next = None
        elif len(self._held) >= CAPACITY:
            self._held.clear()
        self._held[seq] = packet
        frames = self._take_complete()
        return self._is_stuck(), FrameGroup(frames) if frames else None

    def _take_complete(self) -> list[tuple[bytes, int]]:
        frames: list[tuple[bytes, int]] = []
        while (frame := self._take_frame()) is not None:
            data, timestamp = frame
            if data:  # packets without content only probe the network
                frames.append((data, timestamp))
        return frames

    def _take_frame(self) -> tuple[bytes, int] | None:
        """Remove the next complete frame, or a later key frame; None if there is none."""
        run = [] if self._next is None else self._run(self._next)
        if not _is_complete(run):
            runs = map(self._run, self._key_starts())
            run = next(filter(_is_complete, runs), [])
        if not run:
            return None
        data = b"".join(map(_data, run))
        timestamp = run[-1].timestamp
        after = uint16_add(run[-1].sequence_number, 1)
        # Whatever is older than this frame is of no more use.
        self._held = {s: p for s, p in self._held.items() if uint16_add(s, -after) < CAPACITY}
        self._next = after
        self._stuck_since_s = self._asked_s = None
        return data, timestamp

    def _key_starts(self) -> list[int]:
        """First packets of the latest key frames, newest first."""
        starts = [seq for seq, p in self._held.items() if _starts_key_frame(_data(p))]
        return starts[: -MAX_KEY_FRAMES - 1 : -1]

    def _run(self, start: int) -> list[RtpPacket]:
        """The packets from `start` to the end of its frame, or to the first gap."""
        run, seq = list[RtpPacket](), start
        while (packet := self._held.get(seq)) is not None:
            run.append(packet)
            if packet.marker:
                break
            seq = uint16_add(seq, 1)
        return run

    def _has_gap(self) -> bool:
        """Whether later packets than the next one needed have arrived."""
        start = self._next if self._next is not None else next(iter(self._key_starts()), None)
        return start is None or len(self._run(start)) < len(self._held)

    def _is_stuck(self) -> bool:
        """Whether to ask for a key frame now."""
        if not self._held or not self._has_gap():
            self._stuck_since_s = None
            return False
        now_s = self._clock()
        if self._stuck_since_s is None:
            self._stuck_since_s = now_s
        since_s = self._stuck_since_s if self._asked_s is None else self._asked_s
        if now_s - since_s < (MAX_GAP_S if self._asked_s is None else REPEAT_S):
            return False
        self._asked_s = now_s
        return True


def _is_complete(run: list[RtpPacket]) -> bool:
    return bool(run) and bool(run[-1].marker)


def _data(packet: RtpPacket) -> bytes:
    """The part of the frame that aiortc found in the packet."""
    return bytes(packet._data)  # type: ignore[attr-defined]


def _starts_key_frame(data: bytes) -> bool:
    if data.startswith(_NAL_START):
        return len(data) > 4 and data[4] & 0x1F == _NAL_SPS
    return len(data) > 5 and data[0] & 1 == 0 and data[3:6] == _VP8_START_CODE
