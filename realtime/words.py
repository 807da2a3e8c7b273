"""What is said of a face, in words that a visitor understands; the same wherever it is said."""

from __future__ import annotations

from realtime.faces import UNSURE, Doubt, Faces

MASK_WORDS = {
    "with_mask": "mask worn",
    "without_mask": "no mask",
    "incorrect": "mask worn wrongly",
}
DOUBT_WORDS = {
    Doubt.SMALL: "too small",
    Doubt.BLURRED: "blurred",
    Doubt.TURNED: "turned away",
    Doubt.CLOSE: "close call",
}


def mask_text(faces: Faces, i: int, *, why: bool = False) -> str | None:
    """Face i's mask and how sure that is, "no mask 97%"; None where it is not known.

    Args:
        faces: all of them.
        i: which one.
        why: whether an unsure answer is to give its reasons.
    """
    answer = faces.mask_of(i)
    if answer is None:
        return None
    if answer[0] == UNSURE:
        return "mask unsure" + (_reasons(faces.mask_doubts(i)) if why else "")
    return f"{MASK_WORDS[answer[0]]} {answer[1]:.0%}"


def emotion_text(faces: Faces, i: int, *, why: bool = False) -> str | None:
    """Face i's emotion and how sure that is, and whether a mask hides a part; otherwise as above.

    "happy 86%", "happy 61%, partly covered", "emotion unsure: blurred".
    """
    answer = faces.emotion_of(i)
    if answer is None:
        return None
    covered = ""
    if faces.masked is not None and faces.masked[i]:
        covered = ", partly covered" if faces.mask_sure[i] else ", perhaps covered"
    if answer[0] == UNSURE:
        return "emotion unsure" + (_reasons(faces.emotion_doubts(i)) if why else "") + covered
    return f"{answer[0]} {answer[1]:.0%}{covered}"


def gender_text(faces: Faces, i: int, *, why: bool = False) -> str | None:
    """Face i's gender label and how sure that is, "female 98%"; otherwise as `mask_text`."""
    answer = faces.gender_of(i)
    if answer is None:
        return None
    if answer[0] == UNSURE:
        return "gender unsure" + (_reasons(faces.gender_doubts(i)) if why else "")
    return f"{answer[0]} {answer[1]:.0%}"


def _reasons(doubts: list[Doubt]) -> str:
    return ": " + ", ".join(DOUBT_WORDS[doubt] for doubt in doubts)
