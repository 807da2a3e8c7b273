"""Parse docs/about.md into blocks for a template; supports only the Markdown that it uses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`(.+?)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph or a list.

    Attributes:
        kind: the type of block.
        lines: the text; for a list, one per item.
    """

    kind: Literal["heading", "paragraph", "list"]
    lines: list[Markup] = field(default_factory=list)


def paragraphs(text: str) -> list[Block]:
    """Parse `##` headings, `- ` lists, and paragraphs separated by empty lines."""
    blocks = []
    for part in re.split(r"\n\s*\n", text.strip()):
        if part.startswith("#"):
            blocks.append(Block("heading", [_inline(part.lstrip("# "))]))
        elif part.startswith("- "):
            items = re.split(r"\n- ", part.removeprefix("- "))
            blocks.append(Block("list", [_inline(item) for item in items]))
        else:
            blocks.append(Block("paragraph", [_inline(part)]))
    return blocks


def _inline(text: str) -> Markup:
    plain = str(escape(" ".join(text.split())))
    bold = _BOLD.sub(r"<strong>\1</strong>", plain)
    return Markup(_CODE.sub(r"<code>\1</code>", bold))
