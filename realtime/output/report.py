"""Reports: results as one HTML file that needs nothing else and runs no script."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

from realtime.core.settings import DrawSettings
from realtime.media.pictures import decode_picture
from realtime.media.resize import fit_within
from realtime.output.crops import encode, face_crop, numbered
from realtime.output.photo_files import AnalysedPhoto
from realtime.render.captions import captions, measure_captions
from realtime.render.draw import draw_result

MAX_SIDE_PX = 1280  # of the annotated photos
CROP_SIDE_PX = 160
NOTE = (
    "Labels are estimates from appearance and are sometimes wrong. Don't use them to make "
    "decisions about people."
)
_STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.75rem } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem }
img { max-width: 100%; border-radius: .5rem }
.faces { display: grid; gap: .75rem; margin-top: .75rem;
  grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)) }
.face { display: flex; gap: .9rem; align-items: center; padding: .75rem; border-radius: .5rem;
  border: 1px solid rgba(128,128,128,.35) }
.face img { width: 6rem; height: 6rem; object-fit: cover; flex: none }
.face h3 { margin: 0; font-size: 1rem } .face p { margin: 0; font-size: .9rem }
.note { opacity: .75; font-size: .9rem }
@media print { .face { break-inside: avoid } }
"""


def report_html(title: str, parts: Iterable[str]) -> bytes:
    """The file.

    Args:
        title: as text.
        parts: the content as HTML.
    """
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style></head>\n<body>\n"
        f'<h1>{escape(title)}</h1>\n<p class="note">{NOTE}</p>\n{body}\n</body>\n</html>\n'
    ).encode()


def face_html(title: str, lines: Iterable[str], picture_jpg: bytes | None) -> str:
    """One face: its picture, if there is one, and lines of text."""
    image = (
        "" if picture_jpg is None else f'<img src="{jpg_url(picture_jpg)}" alt="{escape(title)}">'
    )
    text = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<div class="face">{image}<div><h3>{escape(title)}</h3>{text}</div></div>'


def photo_report(photos: Sequence[AnalysedPhoto], draw: DrawSettings) -> bytes:
    """Each photo, annotated, and a card for each of its faces.

    Args:
        photos: the photos; decoded again, one at a time.
        draw: what to draw on them.
    """
    return report_html("Faces in photos", (_photo(photo, draw) for photo in photos))


def jpg_url(data: bytes) -> str:
    """A JPEG file as a URL that contains it."""
    return f"data:image/jpeg;base64,{b64encode(data).decode()}"


def _photo(photo: AnalysedPhoto, draw: DrawSettings) -> str:
    frame, faces = decode_picture(photo.data), photo.result.faces
    cards = []
    for i, xyxy in enumerate(faces.xyxy):
        crop = encode(fit_within(face_crop(frame, xyxy), CROP_SIDE_PX), ".jpg")
        cards.append(
            face_html(
                f"Face {i + 1}", captions(faces, i, reasons=True) + measure_captions(faces, i), crop
            )
        )
    preview = fit_within(frame, MAX_SIDE_PX).copy()
    scaled = numbered(faces).scaled(preview.shape[1] / photo.result.size_wh[0])
    draw_result(preview, scaled, draw)
    width, height = photo.result.size_wh
    count = f"{len(faces)} face{'' if len(faces) == 1 else 's'}"
    name = escape(photo.name)
    return (
        f"<h2>{name}</h2>\n<p>{width} × {height} px, {count}</p>\n"
        f'<img src="{jpg_url(encode(preview, ".jpg"))}" alt="{name}, annotated">\n'
        f'<div class="faces">{"".join(cards)}</div>'
    )
