"""Copying of one video's sound into another; transcoded to AAC if browsers could not play it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeAlias

import av

from realtime.media import limits
from realtime.media.video_file import only, open_video
from realtime.media.video_reader import VideoReader

COPIED_CODECS = ("aac", "mp3")  # others need AAC: Safari plays no Opus or Vorbis in an MP4
SAMPLE_RATE_HZ = 48_000
MAX_OVERLAP_S = 0.1  # of two pieces of sound, by rounded time stamps; more is a damaged file
Mux: TypeAlias = "Callable[[list[av.Packet[Any]]], None]"


class SoundCopier:
    """Copies the first audio stream of a video, in step with the picture.

    It ends where the reader is stopped, and skips what goes back in time, so that the sound is
    never longer than the time it is written for.

    Args:
        reader: the source video; it is opened a second time.
        output: the MP4 file to add a stream to, before anything is written there.
        mux: writes packets to that file.

    Raises:
        VideoError: the video cannot be opened again.
    """

    def __init__(self, reader: VideoReader, output: av.container.OutputContainer, mux: Mux) -> None:
        self._reader = reader
        self._mux = mux
        self._input = open_video(reader.source, reader.name)
        self._packets: Iterator[av.Packet[Any]] = iter(())
        self._pending: av.Packet[Any] | None = None
        self._encoder: av.AudioStream | None = None
        self._last_dts: int | None = None  # of the packets written
        self._max_packet_bytes = limits.MAX_SOUND_PACKET_BYTES
        self._end_s = 0.0  # of the sound encoded so far, from the first frame
        if not self._input.streams.audio or self._input.streams.audio[0].codec_context is None:
            return
        stream = self._input.streams.audio[0]
        if stream.codec_context.name == "flac":
            self._max_packet_bytes = limits.MAX_FLAC_PACKET_BYTES
            stream.codec_context.options = {"max_samples": str(limits.MAX_FLAC_FRAME_SAMPLES)}
        only(self._input, stream)
        self._packets = self._input.demux(stream)
        if stream.codec_context.name in COPIED_CODECS:
            self._copy = output.add_stream_from_template(stream)
        else:
            layout = "mono" if stream.codec_context.channels == 1 else "stereo"
            self._encoder = output.add_stream("aac", rate=SAMPLE_RATE_HZ, layout=layout)

    def write_until(self, time_s: float) -> None:
        """Write the sound up to `time_s`, in seconds from the first frame.

        Raises:
            av.error.FFmpegError: the sound cannot be written.
        """
        while not self._reader.stopped() and (packet := self._next()) is not None:
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue
            seconds = float(packet.pts * packet.time_base) - self._reader.start_s
            if seconds > time_s:
                self._pending = packet
                return
            if seconds < 0 or packet.size > self._max_packet_bytes:
                continue
            if self._encoder is None:
                self._write_copy(packet)
            else:
                self._write_encoded(packet, self._encoder)

    def finish(self, picture_end_s: float) -> None:
        """Write the rest: as long as the picture, and `limits.MAX_SOUND_AFTER_PICTURE_S` more.

        Args:
            picture_end_s: end of the last frame in seconds from the first.

        Raises:
            av.error.FFmpegError: the sound cannot be written.
        """
        self.write_until(picture_end_s + limits.MAX_SOUND_AFTER_PICTURE_S)
        if self._encoder is not None:
            self._write_forward(self._encoder.encode(None))

    def close(self) -> None:
        """Close the source video."""
        self._input.close()

    def _next(self) -> av.Packet[Any] | None:
        packet, self._pending = self._pending, None
        if packet is None:
            with suppress(av.error.FFmpegError):  # damaged: the sound ends here
                packet = next(self._packets, None)
        return packet

    def _write_copy(self, packet: av.Packet[Any]) -> None:
        assert packet.pts is not None
        assert packet.dts is not None
        shift = round(self._reader.start_s / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        packet.stream = self._copy
        self._write_forward([packet])

    def _write_encoded(self, packet: av.Packet[Any], encoder: av.AudioStream) -> None:
        frames: list[Any] = []
        with suppress(av.error.FFmpegError):  # a damaged packet leaves a gap
            frames = packet.decode()
        for frame in frames:
            if frame.pts is None:
                continue
            start_s = frame.time - self._reader.start_s
            length_s = frame.samples / frame.sample_rate
            if length_s > limits.MAX_SOUND_FRAME_S or start_s < self._end_s - MAX_OVERLAP_S:
                continue
            self._end_s = max(self._end_s, start_s) + length_s
            frame.pts -= round(self._reader.start_s / frame.time_base)
            packets: list[av.Packet[Any]] = []
            with suppress(ValueError):  # what changes its rate or channels is left out
                packets = encoder.encode(frame)
            self._write_forward(packets)

    def _write_forward(self, packets: list[av.Packet[Any]]) -> None:
        """Write packets, but those that go back in time, which MP4 cannot hold."""
        for packet in packets:
            if packet.dts is not None and (self._last_dts is None or packet.dts > self._last_dts):
                self._last_dts = packet.dts
                self._mux([packet])
