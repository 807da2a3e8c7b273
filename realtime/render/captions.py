"""What is said of a face, in words that a visitor understands; the same wherever it is said."""

from __future__ import annotations

import math

from realtime.core.faces import UNSURE, Doubt, Faces

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


def measure_texts(faces: Faces, i: int) -> list[str]:
    """How face i's head is turned, and how far eyes and mouth are open; no line where not measured.

    "yaw 12°, pitch -3°, roll 5°" and "eyes 0.31 0.30, mouth 0.02, 4 blinks".
    """
    lines, parts = [], []
    if faces.pose_deg is not None:
        yaw, pitch, roll = faces.pose_deg[i].tolist()
        known = not math.isnan(yaw + pitch + roll)
        lines += [f"yaw {yaw:.0f}°, pitch {pitch:.0f}°, roll {roll:.0f}°"] if known else []
    if faces.gaze_deg is not None:
        yaw, pitch = faces.gaze_deg[i].tolist()
        lines.append(f"gaze {yaw:.0f}° left, {pitch:.0f}° up")
    if faces.eye_open is not None:
        right, left = faces.eye_open[i].tolist()
        parts.append(f"eyes {right:.2f} {left:.2f}")
    if faces.mouth_open is not None:
        parts.append(f"mouth {faces.mouth_open[i]:.2f}")
    if faces.blinks is not None:
        count = int(faces.blinks[i])
        parts.append(f"{count} blink{'' if count == 1 else 's'}")
    return [*lines, ", ".join(parts)] if parts else lines


def _reasons(doubts: list[Doubt]) -> str:
    return ": " + ", ".join(DOUBT_WORDS[doubt] for doubt in doubts)
