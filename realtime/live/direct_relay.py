"""A relay for tracks that have one consumer each, as those of our streams do."""

from __future__ import annotations

from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamTrack


class DirectRelay(MediaRelay):
    """Gives each consumer the track itself.

    streamlit-webrtc passes the camera's track through one relay and ours through two. aiortc's
    relay has a task and an unbounded queue per track. The task waits for ever where a consumer
    stops before its source, and a track that is never read stays in the relay for ever.
    """

    def subscribe(self, track: MediaStreamTrack, buffered: bool = True) -> MediaStreamTrack:
        """Return the track; stopping it stops its source."""
        return track
