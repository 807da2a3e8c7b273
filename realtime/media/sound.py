"""Copying of one video's sound into another; transcoded to AAC if browsers could not play it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import av

from realtime.media.video_reader import VideoReader, open_video

COPIED_CODECS = ("aac", "mp3")  # others need AAC: Safari plays no Opus or Vorbis in an MP4
SAMPLE_RATE_HZ = 48_000


class SoundCopier:
    """Copies the first audio stream of a video, in step with the picture.

    Args:
        reader: the source video; it is opened a second time.
        output: the MP4 file to write to, before anything is written there.

    Raises:
        VideoError: the video cannot be opened again.
    """

    def __init__(self, reader: VideoReader, output: av.container.OutputContainer) -> None:
        self._reader = reader
        self._output = output
        self._input = open_video(reader.source, reader.name)
        self._packets: Iterator[av.Packet[Any]] = iter(())
        self._pending: av.Packet[Any] | None = None
        self._encoder: av.AudioStream | None = None
        if not self._input.streams.audio or self._input.streams.audio[0].codec_context is None:
            return
        stream = self._input.streams.audio[0]
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
        while (packet := self._next()) is not None:
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue
            seconds = float(packet.pts * packet.time_base) - self._reader.start_s
            if seconds > time_s:
                self._pending = packet
                return
            if seconds >= 0:
                self._write(packet)

    def close(self, *, finish: bool = True) -> None:
        """Close the source video.

        Args:
            finish: whether to write the remaining sound first.

        Raises:
            av.error.FFmpegError: the remaining sound cannot be written.
        """
        try:
            if finish:
                self.write_until(float("inf"))
                if self._encoder is not None:
                    self._output.mux(self._encoder.encode(None))
        finally:
            self._input.close()

    def _next(self) -> av.Packet[Any] | None:
        packet, self._pending = self._pending, None
        if packet is None:
            with suppress(av.error.FFmpegError):  # damaged: the sound ends here
                packet = next(self._packets, None)
        return packet

    def _write(self, packet: av.Packet[Any]) -> None:
        if self._encoder is None:
            assert packet.pts is not None
            assert packet.dts is not None
            assert packet.time_base is not None
            shift = round(self._reader.start_s / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = self._copy
            self._output.mux(packet)
            return
        frames: list[Any] = []
        with suppress(av.error.FFmpegError):  # a damaged packet leaves a gap
            frames = packet.decode()
        for frame in frames:
            if frame.pts is not None:
                frame.pts -= round(self._reader.start_s / frame.time_base)
                self._output.mux(self._encoder.encode(frame))
