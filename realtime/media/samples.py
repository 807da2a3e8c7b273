"""Sample photos, for visitors without a photo at hand; `realtime/samples` has their origin."""

from __future__ import annotations

from functools import cache

from realtime.core.installed import PACKAGE

SAMPLE_PHOTOS = ("astronaut.jpg", "hopper.jpg", "painted-mask.jpg")  # as pages show them


@cache
def sample_jpg(name: str) -> bytes:
    """The file of one of `SAMPLE_PHOTOS`."""
    return (PACKAGE / "samples" / name).read_bytes()
