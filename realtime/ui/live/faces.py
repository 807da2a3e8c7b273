"""What the stream shows now, as HTML beside the picture: counts, and each face's emotions.

One piece of HTML a refresh costs a tenth of what the same costs as Streamlit elements. Its style is
put on the page once (`realtime.ui.style`): a new style would have the browser lay out all anew.
"""

from __future__ import annotations

from html import escape

from realtime.attribute.registry import ATTRIBUTES, MASK, Attribute
from realtime.core.answers import UNSURE
from realtime.core.faces import Faces
from realtime.render.captions import caption, measure_captions
from realtime.render.draw import StreamStats
from realtime.ui.tiles import count_tiles, dot

MOST_FACES = 6  # more would push each other off the screen


def readout_html(faces: Faces, stats: StreamStats) -> str:
    """Counts, the stream's figures and a card for each face; a hint where there is no face."""
    cards = "".join(_card(faces, i) for i in range(min(len(faces), MOST_FACES)))
    body = f'<div class="fs-faces">{cards}</div>' if cards else _NO_FACE
    if len(faces) > MOST_FACES:
        body += f'<p class="fs-quiet">and {len(faces) - MOST_FACES} more</p>'
    counted = f'data-dropped="{stats.dropped}" data-age="{stats.age_p50_ms:.0f}"'
    inside = f"{count_tiles(len(faces), mask_counts(faces))}{_figures(stats)}{body}"
    return f'<div class="fs" data-faces="{len(faces)}" {counted}>{inside}</div>'


_NO_FACE = (
    "<p><b>No face in view yet.</b> Look towards the camera, with light on your face and no more "
    "than about 5 m away. If a face is missed, lower “Certainty of a face” in the settings.</p>"
)


def mask_counts(faces: Faces) -> dict[str, int] | None:
    """How many faces have each mask label, and `UNSURE`; None where masks are not classified."""
    if MASK.name not in faces.attributes and len(faces):
        return None
    counts = dict.fromkeys((*MASK.labels, UNSURE), 0)
    for i in range(len(faces)):
        answer = faces.label(MASK.name, i)
        if answer is not None:
            counts[answer[0]] += 1
    return counts


def _figures(stats: StreamStats) -> str:
    return (
        f'<p class="fs-quiet">{stats.fps:.0f} frames a second · analysis {stats.age_p50_ms:.0f} ms '
        f"old (95 % under {stats.age_p95_ms:.0f} ms) · {stats.dropped} dropped</p>"
    )


def _card(faces: Faces, i: int) -> str:
    name = "Face" if faces.track_id is None else f"Face {faces.track_id[i]}"
    note = ""
    answer = faces.label(MASK.name, i)
    if answer is not None:
        note = f"<small>{dot(answer[0])}{caption(MASK, faces, i)}</small>"
    body = "".join(_answer(a, faces, i) for a in ATTRIBUTES.values() if a is not MASK)
    body += "".join(f'<p class="fs-quiet">{text}</p>' for text in measure_captions(faces, i))
    return f'<div class="fs-face"><h4>{name}{note}</h4>{body}</div>'


def _answer(attribute: Attribute, faces: Faces, i: int) -> str:
    """One attribute's caption, and bars where there are more than two labels."""
    answers, answer = faces.attributes.get(attribute.name), faces.label(attribute.name, i)
    if answers is None:
        return ""
    if answer is None:
        return f'<p class="fs-quiet">{attribute.title}: one moment…</p>'
    text = f'<p class="fs-emotion">{caption(attribute, faces, i)}</p>'
    if len(attribute.labels) <= 2:
        return text
    prob = answers.prob[i]
    best, rest = (-1, " unsure") if answer[0] == UNSURE else (int(answers.column[i]), "")
    return text + "".join(
        _bar(attribute.caption(label), float(p), " top" if k == best else rest)
        for k, (label, p) in enumerate(zip(attribute.labels, prob, strict=True))
    )


def _bar(label: str, probability: float, mark: str) -> str:
    return (
        f'<div class="fs-bar{mark}"><span>{escape(label)}</span>'
        f'<i><u style="width:{probability:.0%}"></u></i><span>{probability:.0%}</span></div>'
    )
