"""Sound of other videos: it never makes the work longer than the picture does."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from realtime.media import limits
from realtime.media.video_reader import VideoReader
from realtime.media.video_writer import VideoWriter
from tests.video.hostile import SOUND_RATE_HZ, with_long_sound


def copied(data: bytes, *, stop_before: str = "") -> tuple[float, bytes]:
    """Copy a video; its sound in seconds, and the MP4."""
    out, where = io.BytesIO(), ""
    with VideoReader(data, stopped=lambda: bool(where) and where == stop_before) as reader:
        with VideoWriter(out, rate=reader.rate, sound_of=reader) as writer:
            for frame in reader:
                writer.write(frame.frame_bgr, frame.time_s, frame.duration_s)
            where = "end"
        assert 0 < writer.size_bytes <= len(out.getvalue())
    return sound_s(out.getvalue()), out.getvalue()


def sound_s(mp4: bytes) -> float:
    with av.open(io.BytesIO(mp4)) as file:
        return sum(f.samples / f.sample_rate for s in file.streams.audio for f in file.decode(s))


@pytest.mark.parametrize(
    ("kind", "sound"), [("matroska", "flac"), ("mov", "pcm_s16le"), ("mp4", "aac")]
)
def test_sound_after_the_picture_is_cut(
    kind: str, sound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_SOUND_AFTER_PICTURE_S", 2.0)
    data = with_long_sound(120, kind, sound)
    seconds, _ = copied(data)
    assert seconds == pytest.approx(2.3, abs=1.0)  # packets of FLAC and PCM are up to 1 s long


def test_sound_a_little_longer_than_the_picture_is_kept() -> None:
    assert copied(with_long_sound(5))[0] == pytest.approx(5, abs=0.2)


def test_a_stopped_reader_stops_the_sound_while_the_file_is_closed() -> None:
    assert copied(with_long_sound(5), stop_before="end")[0] < 1.5


def rewritten(data: bytes, change: Any) -> bytes:
    """The same packets, those of the sound changed."""
    out = io.BytesIO()
    with av.open(io.BytesIO(data)) as source, av.open(out, "w", format="matroska") as file:
        streams = {
            s.index: file.add_stream_from_template(s)
            for s in (source.streams.video[0], source.streams.audio[0])
        }
        held: list[Any] = []
        for packet in source.demux():
            if packet.size:
                for each in change(packet) if packet.stream.type == "audio" else [packet]:
                    each.stream = streams[packet.stream_index if each is packet else 1]
                    held.append(each)
        for packet in held:
            file.mux(packet)
    return out.getvalue()


def test_sound_that_stands_still_is_skipped() -> None:
    """All packets of two minutes claim to begin at 0 s."""

    def at_start(packet: Any) -> list[Any]:
        packet.pts = packet.dts = 0
        return [packet]

    seconds, _ = copied(rewritten(with_long_sound(120), at_start))
    assert seconds < 1.5


def test_sound_that_overlaps_is_skipped() -> None:
    """Packets overlap: two minutes of sound in a quarter of a second."""

    def squeezed(packet: Any) -> list[Any]:
        packet.pts = packet.dts = round(packet.pts / 500)
        return [packet]

    seconds, _ = copied(rewritten(with_long_sound(120), squeezed))
    assert seconds < 2


def test_a_packet_with_hours_of_sound_is_skipped() -> None:
    """FLAC frames of 13 bytes and 8 s each, very many of them in one packet."""
    encoder: Any = av.CodecContext.create("flac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SOUND_RATE_HZ, "mono", "s16"
    encoder.options = {"frame_size": "65535"}
    silence = av.AudioFrame.from_ndarray(np.zeros((1, 65535), np.int16), "s16", "mono")
    silence.sample_rate, silence.time_base = SOUND_RATE_HZ, Fraction(1, SOUND_RATE_HZ)
    silence.pts = 0
    encoder.open()
    data = b"".join(bytes(p) for p in [*encoder.encode(silence), *encoder.encode(None)])

    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as file:
        with av.open(io.BytesIO(with_long_sound(1))) as source:
            video = file.add_stream_from_template(source.streams.video[0])
            audio: Any = file.add_stream("flac", rate=SOUND_RATE_HZ, layout="mono")
            audio.codec_context.extradata = encoder.extradata
            audio.codec_context.options = {"frame_size": "65535"}
            file.start_encoding()
            for packet in source.demux(source.streams.video[0]):
                if packet.size:
                    packet.stream = video
                    file.mux(packet)
        bomb = av.Packet(data * 400)
        bomb.pts = bomb.dts = 0
        bomb.time_base, bomb.stream = Fraction(1, SOUND_RATE_HZ), audio
        file.mux(bomb)
    assert copied(out.getvalue())[0] == 0


def test_sound_that_changes_its_rate_is_left_out(tmp_path: Path) -> None:
    """Frames that fit no more are skipped; the picture is written to its end."""
    data = with_long_sound(3)
    with VideoReader(data) as reader, VideoWriter(tmp_path / "out.mp4", sound_of=reader) as writer:
        copier = writer._sound
        assert copier is not None
        encoder: Any = copier._encoder
        part = av.AudioFrame.from_ndarray(np.zeros((2, 4800), np.float32), "fltp", "stereo")
        part.sample_rate, part.pts, part.time_base = 48_000, 0, Fraction(1, 48_000)
        for i, frame in enumerate(reader):
            if i == 0:
                encoder.encode(part)  # the resampler now expects stereo at 48 kHz
            writer.write(frame.frame_bgr, frame.time_s, frame.duration_s)
    with av.open(str(tmp_path / "out.mp4")) as file:
        assert len(list(file.decode(video=0))) == 3
