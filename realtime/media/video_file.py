"""Opening of video files, with what FFmpeg may do with those of strangers."""

from __future__ import annotations

import io
from pathlib import Path

import av
import av.stream

from realtime.core.errors import FaceStreamError
from realtime.media import limits

# Uploads may only have these formats: FFmpeg also reads playlists, which make it open other files
# and addresses.
UPLOAD_OPTIONS = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"}


class VideoError(FaceStreamError, ValueError):
    """A video that cannot be read or written; the message says what is wrong."""


def open_video(source: Path | bytes, name: str) -> av.container.InputContainer:
    """Open a file, or the bytes of an upload.

    Args:
        source: path or bytes.
        name: name for error messages.

    Raises:
        VideoError: it cannot be read or is not a video.
    """
    try:
        options = decoder_options()
        # Titles and tags in another encoding than UTF-8 are no reason to refuse a video.
        if isinstance(source, bytes):
            options |= UPLOAD_OPTIONS
            return av.open(io.BytesIO(source), "r", options=options, metadata_errors="replace")
        return av.open(str(source), "r", options=options, metadata_errors="replace")
    except (av.error.InvalidDataError, av.error.ArgumentError, av.error.EOFError):
        raise VideoError(f"{name} is not a video or is damaged. Choose another file.") from None
    except (av.error.FFmpegError, OSError) as error:
        raise VideoError(f"{name} cannot be read: {error.strerror or error}.") from None


def decoder_options() -> dict[str, str]:
    """Options by which a decoder refuses frames that are too large before it allocates them."""
    return {"max_pixels": str(limits.MAX_VIDEO_PIXELS)}


def only(container: av.container.InputContainer, wanted: av.stream.Stream) -> None:
    """Let the demuxer pass over all streams but one, without reading what is in them."""
    for stream in container.streams:
        if stream.index != wanted.index:
            stream.discard = av.stream.Discard.all
