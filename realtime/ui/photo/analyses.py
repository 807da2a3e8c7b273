"""The analyses of a session's photos: which there are, and which are still to be made."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.ui.photo.analysis import Photo, PhotoAnalysis, analyse, open_photo

_ANALYSES, _REQUESTED = "photo-analyses", "photo-requested"  # session state


class Analyses:
    """The latest analysis of each photo; those of removed photos are dropped.

    Args:
        load: returns the networks.
        photos: the session's photos.
        settings: how to analyse them.
        automatic: whether to analyse all of them, or those that the visitor asks for.
    """

    def __init__(
        self,
        load: Callable[[], Networks],
        photos: Sequence[Photo],
        settings: AnalysisSettings,
        *,
        automatic: bool,
    ) -> None:
        self._load, self._settings, self._automatic = load, settings, automatic
        self.by_id: dict[str, PhotoAnalysis] = st.session_state.setdefault(_ANALYSES, {})
        self._requested: set[str] = st.session_state.setdefault(_REQUESTED, set())
        ids = {photo.id for photo in photos}
        self._requested &= ids
        for removed in self.by_id.keys() - ids:
            del self.by_id[removed]

    def __getitem__(self, photo: Photo) -> PhotoAnalysis:
        """What there is of the photo, perhaps with earlier settings; at least the original."""
        known = self.by_id.get(photo.id)
        if known is None or (known.busy and known.settings is None):
            self.by_id[photo.id] = open_photo(photo)
        return self.by_id[photo.id]

    def current(self, photo: Photo) -> bool:
        """Whether the photo was analysed with these settings, or never can be."""
        return photo.id in self.by_id and self.by_id[photo.id].is_current(self._settings)

    def waiting(self, photo: Photo) -> bool:
        """Whether the photo is to be analysed and was not yet."""
        return self._wanted(photo) and not self.current(photo)

    def run(self, photo: Photo, status: str) -> PhotoAnalysis:
        """Analyse a waiting photo, showing `status` meanwhile; return what there is of it."""
        if self.waiting(photo):
            with st.spinner(status):
                self.by_id[photo.id] = analyse(self._load, photo, self._settings)
            self._requested.discard(photo.id)
        return self[photo]

    def request(self, photos: Sequence[Photo]) -> None:
        """Analyse these photos in the next runs of the page."""
        self._requested |= {photo.id for photo in photos}

    def _wanted(self, photo: Photo) -> bool:
        return self._automatic or photo.id in self._requested
