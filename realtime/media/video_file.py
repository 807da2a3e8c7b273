"""Opening of video files, with what FFmpeg may do with those of strangers."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import av.stream

from realtime.core.errors import FaceStreamError
from realtime.media import limits

COVER_ART = av.stream.Disposition.attached_pic
# Titles in another encoding than UTF-8 are no reason to refuse a video: PyAV 18 does, 19 does not.
ANY_METADATA: dict[str, Any] = (
    {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}
)
# Uploads may only have these formats: FFmpeg also reads playlists, which make it open other files
# and addresses.
UPLOAD_OPTIONS = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"}


class VideoError(FaceStreamError, ValueError):
    """A video that cannot be read or written; the message says what is wrong."""


def open_video(source: Path | bytes | io.RawIOBase, name: str) -> av.container.InputContainer:
    """Open a file or an upload.

    Args:
        source: path of a file; or an upload, as bytes or as a file-like object.
        name: name for error messages.

    Raises:
        VideoError: it cannot be read or is not a video.
    """
    if isinstance(source, Path):
        check_is_file(source, name)
    try:
        options = decoder_options()
        if not isinstance(source, Path):
            options |= UPLOAD_OPTIONS
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        where = str(file) if isinstance(file, Path) else file
        container: av.container.InputContainer = av.open(
            where, "r", options=options, **ANY_METADATA
        )
        return container
    except (av.error.InvalidDataError, av.error.ArgumentError, av.error.EOFError):
        raise VideoError(f"{name} is not a video or is damaged. Choose another file.") from None
    except (av.error.FFmpegError, OSError) as error:
        raise VideoError(f"{name} cannot be read: {error.strerror or error}.") from None


def check_is_file(path: Path, name: str) -> None:
    """Refuse what FFmpeg may wait for without end, such as a named pipe; a missing file passes.

    Raises:
        VideoError: something other than a file is there.
    """
    if path.is_dir():
        raise VideoError(f"{name} is a folder. Name a video file.")
    if path.exists() and not path.is_file():
        raise VideoError(f"{name} is not a regular file. Save the video to disk first.")


def decoder_options() -> dict[str, str]:
    """Options by which a decoder refuses frames that are too large before it allocates them."""
    return {"max_pixels": str(limits.MAX_VIDEO_PIXELS)}


def picture_stream(container: av.container.InputContainer, name: str) -> av.VideoStream:
    """The first moving picture of a file, the only stream that is demuxed from now on.

    Raises:
        VideoError: there is none, its encoding is unknown, or its frames are too large.
    """
    moving = [s for s in container.streams.video if not s.disposition & COVER_ART]
    if not moving:
        raise VideoError(f"{name} contains only sound. Choose a video file.")
    stream = moving[0]
    if stream.codec_context is None:
        raise VideoError(f"{name} has an unknown encoding. Convert it to H.264.")
    check_size(name, stream.width, stream.height)
    only(container, stream)
    return stream


def count_frames(
    container: av.container.InputContainer,
    stream: av.VideoStream,
    *,
    most: float = float("inf"),
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[int, float]:
    """Count frames by reading a file to its end without decoding it.

    Needed for browsers' recordings, whose metadata lacks number and duration.

    Args:
        container: the file; it cannot be read again afterwards.
        stream: the stream to count.
        most: end beyond this number.
        stopped: asked before each packet; True ends the count.

    Returns:
        Number of frames, and duration in seconds, up to a damaged end.
    """
    frames, begin_s, end_s = 0, float("inf"), float("-inf")
    with suppress(av.error.FFmpegError):
        for packet in container.demux(stream):
            if stopped() or frames > most:
                break
            if packet.size and not packet.is_discard:
                frames += 1
                if packet.pts is not None:
                    begin_s = min(begin_s, float(packet.pts * packet.time_base))
                    end_s = max(end_s, packet_end_s(packet))
    return frames, max(0.0, end_s - begin_s)


def packet_end_s(packet: av.Packet[av.VideoStream]) -> float:
    """When what a packet shows ends, on the video's own clock; -inf if it is not shown."""
    if packet.pts is None or packet.is_discard:
        return float("-inf")
    return float((packet.pts + (packet.duration or 0)) * packet.time_base)


def check_size(name: str, width: int, height: int) -> None:
    """Refuse frames of this size in pixels if they are too large.

    Raises:
        VideoError: they exceed `limits.MAX_VIDEO_PIXELS`.
    """
    if width * height > limits.MAX_VIDEO_PIXELS:
        raise VideoError(f"{name} exceeds 4K ({width} × {height} pixels). Use a smaller copy.")


def is_too_large(error: av.error.FFmpegError, stream: av.VideoStream) -> bool:
    """Whether a decoder failed because a frame exceeds its option `max_pixels`."""
    # Some decoders then state the size, others none at all; dav1d has an error of its own.
    context = stream.codec_context
    pixels = context.width * context.height
    named = isinstance(error, av.error.OverflowError)
    return named or pixels == 0 or pixels > limits.MAX_VIDEO_PIXELS


def only(container: av.container.InputContainer, wanted: av.stream.Stream) -> None:
    """Let the demuxer pass over all streams but one, without reading what is in them."""
    for stream in container.streams:
        if stream.index != wanted.index:
            stream.discard = av.stream.Discard.all
