"""The current results as HTML beside the picture: counts, and a card per face.

One HTML element per refresh costs a tenth of the same content as Streamlit elements. Its styles are
added to the page once (`realtime.ui.style`), as new styles would make the browser lay out the whole
page again.
"""

from __future__ import annotations

from html import escape

from realtime.attribute.registry import ATTRIBUTES, MASK, Attribute
from realtime.core.answers import UNSURE
from realtime.core.faces import Faces
from realtime.render.captions import caption, measure_captions
from realtime.render.draw import StreamStats
from realtime.ui.icons import icon
from realtime.ui.tiles import count_tiles

MAX_CARDS = 6  # more would not fit on the screen


def readout_html(faces: Faces, *, masks: bool = True) -> str:
    """Return a card per face; a hint if there is no face.

    Args:
        faces: the current faces.
        masks: whether masks matter most: faces are then counted by mask, in its colours.
    """
    cards = "".join(_card(faces, i) for i in range(min(len(faces), MAX_CARDS)))
    body = f'<div class="fs-faces">{cards}</div>' if cards else _NO_FACE
    if len(faces) > MAX_CARDS:
        body += f'<p class="fs-quiet">and {len(faces) - MAX_CARDS} more</p>'
    counts = count_tiles(len(faces), mask_counts(faces)) if masks else ""
    return f'<div class="fs">{counts}{body}</div>'


def stats_html(faces: int | None, stats: StreamStats, notice: str = "") -> str:
    """Return the stream's performance as a line.

    Args:
        faces: number of faces; None before the first analysis.
        stats: the stream's performance.
        notice: a sentence to add.
    """
    count = "" if faces is None else f"{faces} face{'' if faces == 1 else 's'} · "
    data = f'data-dropped="{stats.dropped}" data-age="{stats.age_p50_ms:.0f}"'
    if faces is not None:
        data += f' data-faces="{faces}"'
    text = (
        f"{count}{stats.fps:.0f} fps · {stats.age_p50_ms:.0f} ms latency "
        f"(p95 {stats.age_p95_ms:.0f} ms) · {stats.dropped} dropped"
    )
    return status_html(f"{text}. {notice}" if notice else text, data)


def status_html(text: str, data: str = "") -> str:
    """Return a line of small text that keeps its height."""
    return f'<p class="fs fs-status" {data}>{escape(text)}</p>'


_NO_FACE = (
    "<p><b>No face detected.</b> Face the camera in good light, within about 5 m. If a face is "
    "missed, lower “Detection threshold” in the settings.</p>"
)


def mask_counts(faces: Faces) -> dict[str, int] | None:
    """Count faces by mask label and `UNSURE`; None if masks are not classified."""
    if MASK.name not in faces.attributes and len(faces):
        return None
    counts = dict.fromkeys((*MASK.labels, UNSURE), 0)
    for i in range(len(faces)):
        answer = faces.label(MASK.name, i)
        if answer is not None:
            counts[answer[0]] += 1
    return counts


def _card(faces: Faces, i: int) -> str:
    name = "Face" if faces.track_id is None else f"Face {faces.track_id[i]}"
    note = ""
    answer = faces.label(MASK.name, i)
    if answer is not None:
        note = f"<small>{icon(MASK, answer[0])}{caption(MASK, faces, i)}</small>"
    body = "".join(_answer(a, faces, i) for a in ATTRIBUTES.values() if a is not MASK)
    body += "".join(f'<p class="fs-quiet">{text}</p>' for text in measure_captions(faces, i))
    return f'<div class="fs-face"><h4>{name}{note}</h4>{body}</div>'


def _answer(attribute: Attribute, faces: Faces, i: int) -> str:
    """Return an attribute's caption and, for more than two labels, a bar per label."""
    answers, answer = faces.attributes.get(attribute.name), faces.label(attribute.name, i)
    if answers is None:
        return ""
    if answer is None:
        return f'<p class="fs-quiet">{attribute.title}: analysing…</p>'
    marker = icon(attribute, answer[0])
    text = f'<p class="fs-emotion">{marker}{caption(attribute, faces, i)}</p>'
    if len(attribute.labels) <= 2:
        return text
    prob = answers.prob[i]
    top, other = (-1, " unsure") if answer[0] == UNSURE else (int(answers.column[i]), "")
    return text + "".join(
        _bar(attribute.caption(label), float(p), " top" if k == top else other)
        for k, (label, p) in enumerate(zip(attribute.labels, prob, strict=True))
    )


def _bar(label: str, probability: float, modifier: str) -> str:
    return (
        f'<div class="fs-bar{modifier}"><span>{escape(label)}</span>'
        f'<i><u style="width:{probability:.0%}"></u></i><span>{probability:.0%}</span></div>'
    )
