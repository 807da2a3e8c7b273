"""The missing-mask alert as HTML, equally high whether it alerts or not."""

from __future__ import annotations

from collections.abc import Sequence

NO_ALERT = "No missing masks detected."
MASKS_OFF = "Turn on “Masks” to get alerts."


def mask_alert_html(unmasked: Sequence[int], *, masks_known: bool) -> str:
    """Return a banner that lists the faces without mask, or says that there are none.

    Args:
        unmasked: their track ids.
        masks_known: whether masks are classified.
    """
    if unmasked:
        text = f"{_subject(unmasked)} no mask"
        return (
            f'<div class="fs-alert on" role="alert"><span aria-hidden="true">⚠</span>{text}</div>'
        )
    return f'<div class="fs-alert" role="status">{NO_ALERT if masks_known else MASKS_OFF}</div>'


def _subject(tracks: Sequence[int]) -> str:
    """Return "Face 3 has", "Faces 3 and 5 have" or "Faces 3, 5 and 8 have"."""
    if len(tracks) == 1:
        return f"Face {tracks[0]} has"
    return f"Faces {', '.join(map(str, tracks[:-1]))} and {tracks[-1]} have"
