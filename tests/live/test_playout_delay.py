"""Browsers are asked to show frames at once, if they know how."""

from __future__ import annotations

import asyncio

import pytest
from aiortc import RTCPeerConnection, rtp
from aiortc.codecs import HEADER_EXTENSIONS
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters

from realtime.live.playout_delay import NO_DELAY, URI, install

install()

MID = RTCRtpHeaderExtensionParameters(id=1, uri="urn:ietf:params:rtp-hdrext:sdes:mid")
DELAY = RTCRtpHeaderExtensionParameters(id=9, uri=URI)


@pytest.mark.parametrize(
    ("negotiated", "mid", "expected"),
    [
        ([], None, []),
        ([MID], "0", [(1, b"0")]),
        ([DELAY], None, [(9, NO_DELAY)]),
        ([MID, DELAY], "0", [(1, b"0"), (9, NO_DELAY)]),
    ],
)
def test_packets_carry_the_extension_if_it_was_negotiated(
    negotiated: list[RTCRtpHeaderExtensionParameters],
    mid: str | None,
    expected: list[tuple[int, bytes]],
) -> None:
    extensions = rtp.HeaderExtensionsMap()  # as aiortc makes it
    extensions.configure(RTCRtpParameters(headerExtensions=negotiated))
    packed = extensions.set(rtp.HeaderExtensions(mid=mid))
    assert rtp.unpack_header_extensions(*packed) == expected
    assert extensions.get(*packed).mid == mid


def test_the_extension_is_negotiated_for_video_once() -> None:
    install()

    async def answer() -> str:
        browser, server = RTCPeerConnection(), RTCPeerConnection()
        browser.addTransceiver("video")
        browser.addTransceiver("audio")
        await browser.setLocalDescription(await browser.createOffer())
        await server.setRemoteDescription(browser.localDescription)
        sdp = (await server.createAnswer()).sdp
        await browser.close()
        await server.close()
        return str(sdp)

    assert asyncio.run(answer()).count(URI) == 1
    every = [extension for kind in HEADER_EXTENSIONS.values() for extension in kind]
    assert len({e.id for e in every}) == len({(e.id, e.uri) for e in every})  # ids are shared
