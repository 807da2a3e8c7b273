"""The sound of one video into another: copied where every browser plays it, else made AAC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import av

from realtime.media.video_reader import VideoReader, open_video

COPIED = ("aac", "mp3")  # Safari, for one, plays neither Opus nor Vorbis in an MP4
RATE = 48_000


class Sound:
    """Brings over a video's first audio stream, keeping pace with the picture.

    Args:
        reader: the video whose sound it is; it is opened a second time.
        output: the MP4 file it goes to, before anything is written there.

    Raises:
        VideoError: the video cannot be opened again.
    """

    def __init__(self, reader: VideoReader, output: av.container.OutputContainer) -> None:
        self._reader = reader
        self._output = output
        self._input = open_video(reader.source, reader.name)
        self._packets: Iterator[av.Packet[Any]] = iter(())
        self._waiting: av.Packet[Any] | None = None
        self._encoder: av.AudioStream | None = None
        if not self._input.streams.audio or self._input.streams.audio[0].codec_context is None:
            return
        stream = self._input.streams.audio[0]
        self._packets = self._input.demux(stream)
        if stream.codec_context.name in COPIED:
            self._copy = output.add_stream_from_template(stream)
        else:
            layout = "mono" if stream.codec_context.channels == 1 else "stereo"
            self._encoder = output.add_stream("aac", rate=RATE, layout=layout)

    def write_until(self, time_s: float) -> None:
        """Write what is heard before that time of the picture.

        Raises:
            av.error.FFmpegError: it cannot be written.
        """
        while (packet := self._next()) is not None:
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue
            seconds = float(packet.pts * packet.time_base) - self._reader.start_s
            if seconds > time_s:
                self._waiting = packet
                return
            if seconds >= 0:
                self._write(packet)

    def close(self, *, finish: bool = True) -> None:
        """Let go of the input, after the rest of the sound where `finish` is True.

        Raises:
            av.error.FFmpegError: as above.
        """
        try:
            if finish:
                self.write_until(float("inf"))
                if self._encoder is not None:
                    self._output.mux(self._encoder.encode(None))
        finally:
            self._input.close()

    def _next(self) -> av.Packet[Any] | None:
        packet, self._waiting = self._waiting, None
        if packet is None:
            with suppress(av.error.FFmpegError):  # a damaged end: the sound stops there
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
