"""Icons of labels on pages: elements without content, whose pictures the page's style holds once.

Streamlit removes SVG from HTML, and an image of its own in each element would flicker on the live
page, which is written anew twice a second.
"""

from __future__ import annotations

from base64 import b64encode

from realtime.attribute.registry import ATTRIBUTES, MASK, Attribute
from realtime.core.answers import UNSURE
from realtime.render.icons import icon_colour, icon_name, icon_svg


def icon(attribute: Attribute, label: str) -> str:
    """A label's icon as HTML, as high as the text; empty if it has none."""
    name = icon_name(attribute, label)
    return f'<i class="fs-icon fs-icon-{name}"></i>' if name else ""


def icon_css() -> str:
    """The style of all icons."""
    rules = [
        ".fs-icon { display: inline-block; width: 1.05em; height: 1.05em; vertical-align: -.15em; "
        "margin-right: .35em; background: center / contain no-repeat }"
    ]
    shown = [(MASK, UNSURE), *((a, label) for a in ATTRIBUTES.values() for label in a.labels)]
    for attribute, label in shown:
        if name := icon_name(attribute, label):
            svg = icon_svg(name, icon_colour(attribute, label))
            url = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
            rules.append(f'.fs-icon-{name} {{ background-image: url("{url}") }}')
    return "\n".join(rules)
