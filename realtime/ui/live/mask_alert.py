"""The warning of missing masks, as HTML that takes the same room whether it warns or not."""

from __future__ import annotations

from collections.abc import Sequence

CALM = "Nobody in view is surely without a mask."
BLIND = "Turn “Masks” on to be warned of missing ones."


def mask_alert_html(unmasked: Sequence[int], *, masks_known: bool) -> str:
    """A strip that names the faces without mask, or says that there are none.

    Args:
        unmasked: the numbers under which those faces are followed.
        masks_known: whether masks are classified at all.
    """
    if unmasked:
        text = f"{_listed(unmasked)} no mask"
        return (
            f'<div class="fs-alert on" role="alert"><span aria-hidden="true">⚠</span>{text}</div>'
        )
    return f'<div class="fs-alert" role="status">{CALM if masks_known else BLIND}</div>'


def _listed(numbers: Sequence[int]) -> str:
    """Who wears it: "Face 3 wears", "Faces 3 and 5 wear", "Faces 3, 5 and 8 wear"."""
    if len(numbers) == 1:
        return f"Face {numbers[0]} wears"
    return f"Faces {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} wear"
