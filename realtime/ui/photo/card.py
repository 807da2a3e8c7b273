"""One face of a photo as HTML: its crop, and bars for mask, emotion and gender."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape

from realtime.core.faces import EMOTION_LABELS, F32, GENDER_LABELS, UNSURE, Faces
from realtime.render.captions import emotion_text, gender_text, mask_text, measure_texts
from realtime.render.draw import MASK_COLOURS

BAR_WORDS = ("mask worn", "no mask", "worn wrongly")  # in the order of MASK_LABELS

_STYLE = """
<style>
.fp { font-size: .85rem; line-height: 1.5 }
.fp-top { display: flex; gap: .9rem; align-items: center; margin-bottom: .7rem }
.fp-top img { width: 7rem; height: 7rem; object-fit: cover; border-radius: .5rem; flex: none;
  background: rgba(128,128,128,.15) }
.fp-top h4 { margin: 0 0 .15rem; padding: 0; font-size: 1.05rem; font-weight: 600 }
.fp-top p { margin: 0 }
.fp-dot { display: inline-block; width: .65em; height: .65em; border-radius: 50%;
  margin-right: .4em }
.fp h5 { margin: .55rem 0 .1rem; padding: 0; font-size: .8rem; font-weight: 600; opacity: .7 }
.fp-bar { display: grid; grid-template-columns: 6.2rem 1fr 2.8rem; gap: .5rem;
  align-items: center }
.fp-bar i { height: .5rem; border-radius: .25rem; background: rgba(128,128,128,.18);
  overflow: hidden }
.fp-bar u { display: block; height: 100%; border-radius: .25rem; background: #56b4e9 }
.fp-bar.top { font-weight: 600 } .fp-bar.top u { background: #0072b2 }
.fp-bar.unsure u { background: rgba(128,128,128,.6) }
.fp-bar span:last-child { text-align: right; font-variant-numeric: tabular-nums }
</style>
"""


def photo_card_html(faces: Faces, i: int, crop_jpg: bytes) -> str:
    """Face i, numbered from 1, with what was found out about it."""
    picture = b64encode(crop_jpg).decode()
    lines, bars = [], []
    mask, emotion = faces.mask_of(i), faces.emotion_of(i)
    if faces.mask_prob is not None and mask is not None:
        blue, green, red = MASK_COLOURS[mask[0]]
        dot = f'<span class="fp-dot" style="background:rgb({red},{green},{blue})"></span>'
        lines.append(f"<p>{dot}{mask_text(faces, i, why=True)}</p>")
        bars.append(_bars("Mask", faces.mask_prob[i], BAR_WORDS, sure=mask[0] != UNSURE))
    if faces.emotion_prob is not None and emotion is not None:
        lines.append(f"<p>{emotion_text(faces, i, why=True)}</p>")
        sure = emotion[0] != UNSURE
        bars.append(_bars("Emotion", faces.emotion_prob[i], EMOTION_LABELS, sure=sure))
    lines += [f"<p>{text}</p>" for text in measure_texts(faces, i)]
    gender = faces.gender_of(i)
    if faces.gender_prob is not None and gender is not None:
        lines.append(f"<p>{gender_text(faces, i, why=True)}</p>")
        sure = gender[0] != UNSURE
        bars.append(_bars("Gender", faces.gender_prob[i], GENDER_LABELS, sure=sure))
    return (
        f'{_STYLE}<div class="fp"><div class="fp-top">'
        f'<img src="data:image/jpeg;base64,{picture}" alt="Face {i + 1}">'
        f"<div><h4>Face {i + 1}</h4>{''.join(lines)}</div></div>{''.join(bars)}</div>"
    )


def _bars(title: str, prob: F32, labels: Sequence[str], *, sure: bool) -> str:
    """A bar for each label; the likeliest stands out, unless none is to be trusted."""
    best, rest = (int(prob.argmax()), "") if sure else (-1, " unsure")
    rows = "".join(
        f'<div class="fp-bar{" top" if k == best else rest}"><span>{escape(label)}</span>'
        f'<i><u style="width:{p:.1%}"></u></i><span>{p:.0%}</span></div>'
        for k, (label, p) in enumerate(zip(labels, prob.tolist(), strict=True))
    )
    return f"<h5>{title}</h5>{rows}"
