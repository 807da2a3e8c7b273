"""One face of a photo as HTML: crop, labels, and the probabilities of each attribute as bars."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape

from realtime.attribute.registry import ATTRIBUTES
from realtime.core.answers import UNSURE
from realtime.core.arrays import F32
from realtime.core.faces import Faces
from realtime.render.captions import caption, measure_captions
from realtime.ui.icons import icon

_STYLE = """
<style>
.fp { font-size: .85rem; line-height: 1.5 }
.fp-top { display: flex; gap: .9rem; align-items: center; margin-bottom: .7rem }
.fp-top img { width: 7rem; height: 7rem; object-fit: cover; border-radius: .5rem; flex: none;
  background: rgba(128,128,128,.15) }
.fp-top h4 { margin: 0 0 .15rem; padding: 0; font-size: 1.05rem; font-weight: 600 }
.fp-top p { margin: 0 }
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
    """The card of one face.

    Args:
        faces: all faces of the photo.
        i: position of the face; the card shows its number, i + 1.
        crop_jpg: crop of the face.
    """
    picture = b64encode(crop_jpg).decode()
    lines, bars = [], []
    for name, attribute in ATTRIBUTES.items():
        answer = faces.label(name, i)
        if answer is None:
            continue
        text = caption(attribute, faces, i, reasons=True)
        lines.append(f"<p>{icon(attribute, answer[0])}{text}</p>")
        labels = [attribute.caption(label) for label in attribute.labels]
        prob, certain = faces.attributes[name].prob[i], answer[0] != UNSURE
        bars.append(_bars(attribute.title, prob, labels, certain=certain))
    lines += [f"<p>{text}</p>" for text in measure_captions(faces, i)]
    return (
        f'{_STYLE}<div class="fp"><div class="fp-top">'
        f'<img src="data:image/jpeg;base64,{picture}" alt="Face {i + 1}">'
        f"<div><h4>Face {i + 1}</h4>{''.join(lines)}</div></div>{''.join(bars)}</div>"
    )


def _bars(title: str, prob: F32, labels: Sequence[str], *, certain: bool) -> str:
    """A bar per label; the most likely one is highlighted if the answer is certain."""
    best, rest = (int(prob.argmax()), "") if certain else (-1, " unsure")
    rows = "".join(
        f'<div class="fp-bar{" top" if k == best else rest}"><span>{escape(label)}</span>'
        f'<i><u style="width:{p:.1%}"></u></i><span>{p:.0%}</span></div>'
        for k, (label, p) in enumerate(zip(labels, prob.tolist(), strict=True))
    )
    return f"<h5>{title}</h5>{rows}"
