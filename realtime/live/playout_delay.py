"""Ask the browser to show each frame at once instead of smoothing its arrival.

Chromium delays video by what it has measured of the network, and forgets that slowly: 15 s after
strong jitter had ended, frames still waited 190 ms. The RTP header extension playout-delay bounds
that delay; aiortc does not know it and has no public way to add one.

Source: https://webrtc.googlesource.com/src/+/main/docs/native-code/rtp-hdrext/playout-delay
"""

from __future__ import annotations

from aiortc import rtp
from aiortc.codecs import HEADER_EXTENSIONS
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters

URI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
ID = 4  # in offers of aiortc, which uses 1 to 3; browsers choose their own
NO_DELAY = bytes(3)  # minimum and maximum, 12 bits each, in 10 ms


class PlayoutDelayMap(rtp.HeaderExtensionsMap):
    """Adds the extension to every packet of a stream whose browser accepts it."""

    def __init__(self) -> None:
        super().__init__()
        self._id: int | None = None

    def configure(self, parameters: RTCRtpParameters) -> None:
        """Note which extensions were negotiated, and their numbers."""
        super().configure(parameters)
        for extension in parameters.headerExtensions:
            if extension.uri == URI:
                self._id = extension.id

    def set(self, values: rtp.HeaderExtensions) -> tuple[int, bytes]:
        """Pack the extensions of one packet; returns their profile and bytes."""
        profile, packed = super().set(values)
        if self._id is None:
            return profile, packed
        extensions = rtp.unpack_header_extensions(profile, packed)
        return rtp.pack_header_extensions([*extensions, (self._id, NO_DELAY)])


def install() -> None:
    """Add the extension to all video that aiortc sends. May be called repeatedly."""
    known = HEADER_EXTENSIONS["video"]
    if all(extension.uri != URI for extension in known):
        known.append(RTCRtpHeaderExtensionParameters(id=ID, uri=URI))
    rtp.HeaderExtensionsMap = PlayoutDelayMap  # type: ignore[misc]
