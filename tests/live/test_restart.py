"""Each offer of the browser gets a new stream, whatever became of the previous one."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest
import streamlit as st
from streamlit_webrtc.component import generate_frontend_component_key
from streamlit_webrtc.webrtc import SignallingTimeoutError

from realtime.live import webrtc
from realtime.live.frame_processor import StreamSettings
from realtime.live.webrtc import (
    StreamStartError,
    _current_stream,
    _reset_for_restart,
    _Stream,
    live_stream,
)

COMPONENT = "live-user"


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The session's state, without a session."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def offered(state: dict[str, Any], sdp: str | None) -> _Stream:
    """The stream of a page run while the browser offers this; None for no offer."""
    value = {"playing": False, "sdpOffer": {"type": "offer", "sdp": sdp} if sdp else ""}
    state[generate_frontend_component_key(COMPONENT)] = value
    return _current_stream("track", COMPONENT, StreamSettings())


def test_a_start_uses_the_track_that_waits_for_it(state: dict[str, Any]) -> None:
    waiting = _current_stream("track", COMPONENT, StreamSettings())  # the component has no value
    assert offered(state, None) is waiting
    assert offered(state, "first") is waiting
    assert offered(state, "first") is waiting  # more of its candidates arrived
    assert offered(state, None) is waiting  # playing
    waiting.track.stop()
    assert offered(state, None) is waiting  # no new track before the next Start
    assert offered(state, "second") is not waiting


def test_an_offer_after_a_cut_replaces_a_stream_that_seems_alive(state: dict[str, Any]) -> None:
    """The server learns of a cut of 6 s by the offer that follows it."""
    broken = offered(state, "first")
    state[COMPONENT] = context = Mock()
    fresh = offered(state, "second")
    assert fresh.track is not broken.track
    assert broken.track.ended
    assert context._sdp_answer_json is None
    assert offered(state, "second") is fresh


def test_a_start_that_takes_too_long_is_said_and_can_be_tried_again(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy server once showed a stack trace: the next run gave the same track to a new worker."""
    monkeypatch.setattr(webrtc, "webrtc_streamer", Mock(side_effect=SignallingTimeoutError))
    monkeypatch.setattr(webrtc, "shared_admission", Mock())
    monkeypatch.setattr(webrtc, "_current_ice_servers", Mock(return_value=[]))
    offer = {"playing": False, "sdpOffer": {"type": "offer", "sdp": "first"}}
    state[generate_frontend_component_key(COMPONENT)] = offer
    used = []
    for _ in range(2):
        with pytest.raises(StreamStartError, match="Reload this page, then press Start"):
            live_stream("live", StreamSettings())
        used.append(webrtc.webrtc_streamer.call_args.kwargs["sink_video_track"])
    assert used[0] is not used[1]
    assert used[0].ended


@pytest.mark.parametrize("worker_left", [True, False])
def test_a_restart_clears_a_broken_stream(worker_left: bool) -> None:
    """An interrupted run used to leave an old answer, so that the new offer got none."""
    context = Mock(_sdp_answer_json="old", _is_sdp_answer_sent=True)
    worker = Mock() if worker_left else None
    context._get_worker.return_value = worker
    _reset_for_restart(context)
    assert context._sdp_answer_json is None
    assert not context._is_sdp_answer_sent
    if worker is not None:
        worker.stop.assert_called_once()
        context._set_worker.assert_called_once_with(None)
