"""The text about a face, the same on pictures, pages and the command line."""

from __future__ import annotations

import math

from realtime.attribute.registry import ATTRIBUTES, MASK, Attribute
from realtime.core.answers import UNSURE, Doubt
from realtime.core.faces import Faces, FrameResult

DOUBT_CAPTIONS = {
    Doubt.SMALL: "too small",
    Doubt.BLURRED: "blurred",
    Doubt.TURNED: "turned away",
    Doubt.CLOSE: "low confidence",
}


def caption(attribute: Attribute, faces: Faces, i: int, *, reasons: bool = False) -> str | None:
    """Face i's label of one attribute and its probability; None where it is not known.

    Args:
        attribute: which one.
        faces: all faces.
        i: which face.
        reasons: whether an unsure answer gives its reasons.

    Returns:
        For example "no mask 97%", "happy 61%, partly covered" or "emotion unsure: blurred". A label
        that is held for a moment, though another one is more likely, has no probability: "happy".
    """
    answer = faces.label(attribute.name, i)
    if answer is None:
        return None
    covered = _covered(faces, i) if attribute.mask_sensitive else ""
    if answer[0] == UNSURE:
        doubts = faces.attributes[attribute.name].doubts(i) if reasons else []
        why = ": " + ", ".join(DOUBT_CAPTIONS[doubt] for doubt in doubts) if doubts else ""
        return f"{attribute.caption(UNSURE)}{why}{covered}"
    highest = float(faces.attributes[attribute.name].prob[i].max())
    return label_caption(attribute, *answer, highest=highest) + covered


def label_caption(attribute: Attribute, label: str, prob: float, *, highest: float) -> str:
    """A label and its probability, "happy 61%"; "happy" if it is held while another is likelier.

    Args:
        attribute: which one.
        label: the label that is shown.
        prob: its probability.
        highest: the probability of the most likely label.
    """
    text = attribute.caption(label)
    return text if prob < highest else f"{text} {prob:.0%}"


def captions(faces: Faces, i: int, *, reasons: bool = False) -> list[str]:
    """The captions of all attributes of face i that are known, in the registry's order."""
    texts = (caption(attribute, faces, i, reasons=reasons) for attribute in ATTRIBUTES.values())
    return [text for text in texts if text is not None]


def measure_captions(faces: Faces, i: int) -> list[str]:
    """Face i's head pose, gaze, eyes and mouth; no line for what was not measured.

    For example "yaw 12°, pitch -3°, roll 5°", "gaze 4° right, 4° down" and
    "eyes 0.31 0.30, mouth 0.02, 4 blinks".
    """
    lines, parts = [], []
    if faces.pose_deg is not None:
        yaw, pitch, roll = faces.pose_deg[i].tolist()
        if not math.isnan(yaw + pitch + roll):
            lines.append(f"yaw {_whole(yaw)}°, pitch {_whole(pitch)}°, roll {_whole(roll)}°")
    if faces.gaze_deg is not None:
        yaw, pitch = faces.gaze_deg[i].tolist()
        sideways, vertical = "left" if yaw >= 0 else "right", "up" if pitch >= 0 else "down"
        lines.append(f"gaze {abs(yaw):.0f}° {sideways}, {abs(pitch):.0f}° {vertical}")
    if faces.eye_open is not None:
        right, left = faces.eye_open[i].tolist()
        parts.append(f"eyes {right:.2f} {left:.2f}")
    if faces.mouth_open is not None:
        parts.append(f"mouth {faces.mouth_open[i]:.2f}")
    if faces.blinks is not None:
        count = int(faces.blinks[i])
        parts.append(f"{count} blink{'' if count == 1 else 's'}")
    return [*lines, ", ".join(parts)] if parts else lines


def describe(result: FrameResult) -> str:
    """A picture's faces in one line: "2 faces: no mask 97%, happy 86%; …"."""
    count = len(result.faces)
    if count == 0:
        return "no face"
    texts = [", ".join(captions(result.faces, i)) for i in range(count)]
    head = f"{count} face{'s' if count > 1 else ''}"
    details = "; ".join(text for text in texts if text)
    return f"{head}: {details}" if details else head


def _covered(faces: Faces, i: int) -> str:
    if faces.masked is None or not faces.masked[i]:
        return ""
    mask = faces.attributes.get(MASK.name)
    return ", partly covered" if mask is None or mask.sure[i] else ", perhaps covered"


def _whole(degrees: float) -> int:
    return round(degrees)  # an int has no "-0"
