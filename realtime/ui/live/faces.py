"""What the stream shows now, as HTML beside the picture: counts, and each face's emotions.

One piece of HTML a refresh costs a tenth of what the same costs as Streamlit elements. Its style is
put on the page once (`realtime.ui.style`): a new style would have the browser lay out all anew.
"""

from __future__ import annotations

from html import escape

from realtime.core.faces import EMOTION_LABELS, MASK_LABELS, UNSURE, Faces
from realtime.render.captions import emotion_text, gender_text, mask_text, measure_texts
from realtime.render.draw import MASK_COLOURS, StreamStats

MOST_FACES = 6  # more would push each other off the screen
TILE_WORDS = {"with_mask": "mask worn", "without_mask": "no mask", "incorrect": "mask wrong"}


def readout_html(faces: Faces, stats: StreamStats) -> str:
    """Counts, the stream's figures and a card for each face; a hint where there is no face."""
    cards = "".join(_card(faces, i) for i in range(min(len(faces), MOST_FACES)))
    body = f'<div class="fs-faces">{cards}</div>' if cards else _NO_FACE
    if len(faces) > MOST_FACES:
        body += f'<p class="fs-quiet">and {len(faces) - MOST_FACES} more</p>'
    counted = f'data-dropped="{stats.dropped}" data-age="{stats.age_p50_ms:.0f}"'
    inside = f"{_counts(faces)}{_figures(stats)}{body}"
    return f'<div class="fs" data-faces="{len(faces)}" {counted}>{inside}</div>'


_NO_FACE = (
    "<p><b>No face in view yet.</b> Look towards the camera, with light on your face and no more "
    "than about 5 m away. If a face is missed, lower “Certainty of a face” in the settings.</p>"
)


def mask_counts(faces: Faces) -> dict[str, int]:
    """How many faces have each mask label, and `UNSURE`; faces not yet known count nowhere."""
    counts = dict.fromkeys((*MASK_LABELS, UNSURE), 0)
    for i in range(len(faces)):
        answer = faces.mask_of(i)
        if answer is not None:
            counts[answer[0]] += 1
    return counts


def _counts(faces: Faces) -> str:
    one_face = "face" if len(faces) == 1 else "faces"
    counts = mask_counts(faces)
    unsure = f"<small>{counts[UNSURE]} unsure</small>" if counts[UNSURE] else ""
    tiles = [f'<div class="fs-count"><b>{len(faces)}{unsure}</b><span>{one_face}</span></div>']
    for label, words in TILE_WORDS.items():
        shown = "–" if faces.mask_prob is None and len(faces) else counts[label]
        tiles.append(f'<div class="fs-count"><b>{shown}{_dot(label)}</b><span>{words}</span></div>')
    return f'<div class="fs-counts">{"".join(tiles)}</div>'


def _figures(stats: StreamStats) -> str:
    return (
        f'<p class="fs-quiet">{stats.fps:.0f} frames a second · analysis {stats.age_p50_ms:.0f} ms '
        f"old (95 % under {stats.age_p95_ms:.0f} ms) · {stats.dropped} dropped</p>"
    )


def _card(faces: Faces, i: int) -> str:
    name = "Face" if faces.track_id is None else f"Face {faces.track_id[i]}"
    mask, emotion = faces.mask_of(i), faces.emotion_of(i)
    note = ""
    if mask is not None:
        note = f"<small>{_dot(mask[0])}{mask_text(faces, i)}</small>"
    if faces.emotion_prob is None:
        bars = ""
    elif emotion is None:
        bars = '<p class="fs-quiet">Emotion: one moment…</p>'
    else:
        prob = faces.emotion_prob[i]
        best, rest = (-1, " unsure") if emotion[0] == UNSURE else (int(prob.argmax()), "")
        bars = f'<p class="fs-emotion">{emotion_text(faces, i)}</p>' + "".join(
            _bar(label, float(p), " top" if k == best else rest)
            for k, (label, p) in enumerate(zip(EMOTION_LABELS, prob, strict=True))
        )
    gender = gender_text(faces, i)
    if gender is not None:
        bars += f'<p class="fs-emotion">{gender}</p>'
    bars += "".join(f'<p class="fs-quiet">{text}</p>' for text in measure_texts(faces, i))
    return f'<div class="fs-face"><h4>{name}{note}</h4>{bars}</div>'


def _bar(label: str, probability: float, mark: str) -> str:
    return (
        f'<div class="fs-bar{mark}"><span>{escape(label)}</span>'
        f'<i><u style="width:{probability:.0%}"></u></i><span>{probability:.0%}</span></div>'
    )


def _dot(label: str) -> str:
    blue, green, red = MASK_COLOURS[label]
    return f'<span class="fs-dot" style="background:rgb({red},{green},{blue})"></span>'
