"""Faces of a result folder, as pictures with their labels."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from pathlib import PurePath

from realtime.attribute.registry import ATTRIBUTES
from realtime.bulk.summary import FaceCard
from realtime.video.people import timestamp


def gallery_html(cards: list[FaceCard]) -> str:
    """Return the faces as HTML that wraps."""
    return f'<div class="fs-thumbs">{"".join(map(_card, cards))}</div>'


def _card(card: FaceCard) -> str:
    name = PurePath(card.path.partition("?")[0]).name
    if card.time_s is not None:
        name = f"{name}, {timestamp(card.time_s)}"
    said = ", ".join(
        f"{ATTRIBUTES[attribute].caption(label)} {prob:.0%}"
        for attribute, (label, prob) in card.labels.items()
    )
    image = b64encode(card.webp).decode()
    return (
        f'<figure><img src="data:image/webp;base64,{image}" alt="{escape(said)}">'
        f'<figcaption><b title="{escape(card.path)}">{escape(name)}</b>{escape(said)}</figcaption>'
        "</figure>"
    )
