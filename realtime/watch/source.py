"""What `watch` can read: network cameras, files and video devices, opened with time limits."""

from __future__ import annotations

import errno
import re
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import av

from realtime.core.errors import FaceStreamError
from realtime.media import limits
from realtime.media.video_check import check_video
from realtime.media.video_file import ANY_METADATA, VideoError, decoder_options

OPEN_S, READ_S = 10.0, 5.0
_DEVICE = re.compile(r"/dev/video\d+")
# FFmpeg reads playlists, which make it open other addresses: never files of this machine.
_RTSP = "rtsp,rtsps,rtp,srtp,udp,tcp,tls,crypto"
_HTTP = "http,https,httpproxy,tcp,tls,crypto"
_PROTOCOLS = {"rtsp": _RTSP, "rtsps": _RTSP, "http": _HTTP, "https": _HTTP}


class SourceError(FaceStreamError, ValueError):
    """A source that cannot be watched; the message says what to change."""


class SourceKind(StrEnum):
    """What a source is."""

    CAMERA = "camera"  # reached by an address; lost and found again
    DEVICE = "device"  # a camera of this machine; the same
    FILE = "file"  # ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A camera or file.

    Attributes:
        address: its URL or path, with the password if there is one.
        kind: what it is.
        name: what users read, without user and password.
    """

    address: str
    kind: SourceKind
    name: str

    @property
    def live(self) -> bool:
        """Whether it goes on for ever, so that its end means that it is lost."""
        return self.kind is not SourceKind.FILE

    def check(self) -> None:
        """Check a file in a process of its own before it is opened here.

        Raises:
            VideoError: it is missing, not a video, or takes too much memory.
        """
        if not self.live:
            path = Path(self.address)
            check_video(path, self.name, max_bytes=limits.MAX_LOCAL_VIDEO_INDEX_BYTES)

    def open(
        self, *, open_s: float = OPEN_S, read_s: float = READ_S
    ) -> av.container.InputContainer:
        """Open it, in at most `open_s`; each read then takes at most `read_s`.

        Raises:
            VideoError: it cannot be opened; the message says why.
        """
        begun_s = time.monotonic()
        try:
            container: av.container.InputContainer = av.open(
                self.address,
                "r",
                format="v4l2" if self.kind is SourceKind.DEVICE else None,
                options=self._options(),
                timeout=(open_s, read_s) if self.live else None,
                **ANY_METADATA,
            )
            return container
        except (av.error.FFmpegError, OSError) as error:
            # Some formats report data of their own where they were interrupted.
            late = self.live and time.monotonic() - begun_s >= open_s
            if late or isinstance(error, av.error.ExitError):
                raise VideoError("it does not answer") from None
            if isinstance(error, av.error.InvalidDataError | av.error.EOFError):
                raise VideoError("it does not send video") from None
            raise VideoError(reason(error)) from None
        except ValueError:  # PyAV, of a format that this build of FFmpeg lacks
            raise VideoError("this system has no video devices that FFmpeg can read") from None

    def _options(self) -> dict[str, str]:
        options = decoder_options()
        if self.kind is SourceKind.CAMERA:
            scheme = urlsplit(self.address).scheme.lower()
            options |= {
                "protocol_whitelist": _PROTOCOLS[scheme],
                "fflags": "nobuffer",
                "probesize": "1000000",
                "analyzeduration": "1000000",  # µs
            }
            if scheme.startswith("rtsp"):
                options["rtsp_transport"] = "tcp"  # lost packets would break pictures
        return options


def find_source(text: str, name: str = "") -> Source:
    """What the user means by this text.

    Args:
        text: an address, a device or a file.
        name: what users read; by default derived from the text.

    Raises:
        SourceError: the address is invalid or has an unknown scheme, or there is no such file.

    Example:
        >>> find_source("rtsp://me:secret@camera:554/live").name
        'rtsp://camera:554/live'
    """
    if _DEVICE.fullmatch(text):
        return Source(address=text, kind=SourceKind.DEVICE, name=name or text)
    if "://" in text:
        scheme = text.partition("://")[0].lower()
        if scheme not in _PROTOCOLS:
            raise SourceError(
                f"Addresses of cameras begin with {', '.join(f'{s}://' for s in _PROTOCOLS)}; "
                f"got {scheme}://."
            )
        return Source(address=text, kind=SourceKind.CAMERA, name=name or _without_password(text))
    if not Path(text).is_file():
        raise SourceError(f"{text}: There is no such file. Check the path.")
    return Source(address=text, kind=SourceKind.FILE, name=name or Path(text).name)


def reason(error: Exception) -> str:
    """Why something failed, as part of a sentence."""
    if isinstance(error, av.error.HTTPError):
        return f"the camera answers {error.strerror}"
    if getattr(error, "errno", None) == errno.EIO:
        return "the connection has ended"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text)


def _without_password(address: str) -> str:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise SourceError(f"The camera's address is invalid: {error}.") from None
    if not host:
        raise SourceError("The camera's address has no host.")
    # Queries may have passwords too.
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
