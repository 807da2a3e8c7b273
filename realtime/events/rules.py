"""The rules by kind: a new one is one class here. Each judges one face of one frame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from realtime.attribute.registry import ATTRIBUTES, EMOTION, MASK
from realtime.core.answers import UNSURE
from realtime.core.errors import FaceStreamError
from realtime.core.faces import Faces

MAX_S = 86_400.0
NO_MASK, INCORRECT = "without_mask", "incorrect"


class RuleError(FaceStreamError, ValueError):
    """A rule that cannot be used; the message says what to change."""


class State(Enum):
    """What one frame says of a rule's condition."""

    HOLDS = "holds"
    UNKNOWN = "unknown"  # neither: it starts nothing and ends nothing
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When an event starts and ends; the condition is in the classes below.

    Attributes:
        name: its name in events; unique among the rules of a stream.
        for_s: seconds for which the condition must hold until the event starts.
        end_s: seconds for which it must no longer hold until the event ends.

    Raises:
        RuleError: a value is out of range.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    attribute_names: ClassVar[tuple[str, ...]] = ()  # what must be classified

    name: str = ""
    for_s: float = 1.0
    end_s: float = 1.0

    def __post_init__(self) -> None:
        for key in ("for_s", "end_s"):
            _check_range(self, key, 0.0, MAX_S)

    @property
    def label(self) -> str:
        """The name, or the kind where there is none."""
        return self.name or self.kind

    def needs(self) -> tuple[str, ...]:
        """The attributes that must be classified."""
        return self.attribute_names

    def judge(self, faces: Faces, i: int) -> State:
        """What this frame says of face i."""
        raise NotImplementedError

    def details(self, faces: Faces, i: int) -> dict[str, Any]:
        """What was seen of face i, for the event's record."""
        return {"box": [round(float(v), 1) for v in faces.xyxy[i]]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Rule):
    """Someone is in the picture: the start is their appearing, the end their leaving."""

    kind: ClassVar[str] = "person"
    title: ClassVar[str] = "Person appeared or left"

    for_s: float = 0.5
    end_s: float = 2.0

    def judge(self, faces: Faces, i: int) -> State:
        """A face that is tracked is a person."""
        return State.HOLDS


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskMissing(Rule):
    """Someone wears no mask.

    Attributes:
        incorrect: whether a mask that is worn incorrectly counts as missing.
    """

    kind: ClassVar[str] = "mask_missing"
    title: ClassVar[str] = "Mask missing"
    attribute_names: ClassVar[tuple[str, ...]] = (MASK.name,)

    for_s: float = 3.0
    incorrect: bool = False

    def judge(self, faces: Faces, i: int) -> State:
        """Unsure masks start nothing and end nothing."""
        answer = faces.label(MASK.name, i)
        if answer is None or answer[0] == UNSURE:
            return State.UNKNOWN
        missing = answer[0] == NO_MASK or (self.incorrect and answer[0] == INCORRECT)
        return State.HOLDS if missing else State.ENDED

    def details(self, faces: Faces, i: int) -> dict[str, Any]:
        """Box, label and probability."""
        return Rule.details(self, faces, i) | _answer(faces, MASK.name, i)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmotionAbove(Rule):
    """Someone shows one emotion with a probability over a threshold.

    Attributes:
        emotion: which.
        threshold: the probability from which it counts, 0 to 1.
        release: how far the probability must fall below the threshold until it no longer counts.
    """

    kind: ClassVar[str] = "emotion"
    title: ClassVar[str] = "Emotion over a threshold"
    attribute_names: ClassVar[tuple[str, ...]] = (EMOTION.name,)

    for_s: float = 2.0
    emotion: str = "happy"
    threshold: float = 0.7
    release: float = 0.1

    def __post_init__(self) -> None:
        Rule.__post_init__(self)
        if self.emotion not in EMOTION.labels:
            raise RuleError(
                f"Rule {self.label!r}: emotion must be one of {', '.join(EMOTION.labels)}, "
                f"got {self.emotion!r}."
            )
        _check_range(self, "threshold", 0.0, 1.0)
        _check_range(self, "release", 0.0, 1.0)

    def judge(self, faces: Faces, i: int) -> State:
        """Unsure emotions start nothing and end nothing."""
        answers = faces.attributes.get(EMOTION.name)
        answer = faces.label(EMOTION.name, i)
        if answers is None or answer is None or answer[0] == UNSURE:
            return State.UNKNOWN
        prob = float(answers.prob[i, EMOTION.labels.index(self.emotion)])
        if prob >= self.threshold:
            return State.HOLDS
        return State.ENDED if prob < self.threshold - self.release else State.UNKNOWN

    def details(self, faces: Faces, i: int) -> dict[str, Any]:
        """Box, the emotion and its probability."""
        answers = faces.attributes[EMOTION.name]
        prob = float(answers.prob[i, EMOTION.labels.index(self.emotion)])
        seen = {"label": self.emotion, "prob": round(prob, 4)}
        return Rule.details(self, faces, i) | seen


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsureTooLong(Rule):
    """One attribute of someone stays unsure: the camera may be too far away or out of focus.

    Attributes:
        attribute: which.
    """

    kind: ClassVar[str] = "unsure"
    title: ClassVar[str] = "Unsure for too long"

    for_s: float = 10.0
    attribute: str = MASK.name

    def __post_init__(self) -> None:
        Rule.__post_init__(self)
        if self.attribute not in ATTRIBUTES:
            raise RuleError(
                f"Rule {self.label!r}: attribute must be one of {', '.join(ATTRIBUTES)}, "
                f"got {self.attribute!r}."
            )

    def needs(self) -> tuple[str, ...]:
        """The attribute."""
        return (self.attribute,)

    def judge(self, faces: Faces, i: int) -> State:
        """An attribute that is not known yet starts nothing and ends nothing."""
        answer = faces.label(self.attribute, i)
        if answer is None:
            return State.UNKNOWN
        return State.HOLDS if answer[0] == UNSURE else State.ENDED

    def details(self, faces: Faces, i: int) -> dict[str, Any]:
        """Box, the attribute and the reasons."""
        doubts = [str(doubt.name).lower() for doubt in faces.attributes[self.attribute].doubts(i)]
        return Rule.details(self, faces, i) | {"attribute": self.attribute, "doubts": doubts}


def _answer(faces: Faces, attribute: str, i: int) -> dict[str, Any]:
    answer = faces.label(attribute, i)
    return {} if answer is None else {"label": answer[0], "prob": round(answer[1], 4)}


def _check_range(rule: Rule, key: str, low: float, high: float) -> None:
    value = getattr(rule, key)
    if not low <= value <= high:
        raise RuleError(
            f"Rule {rule.label!r}: {key} must be between {low:g} and {high:g}, got {value:g}."
        )


_KINDS: tuple[type[Rule], ...] = (Person, MaskMissing, EmotionAbove, UnsureTooLong)
RULES: dict[str, type[Rule]] = {rule.kind: rule for rule in _KINDS}
DEFAULT_RULES: tuple[Rule, ...] = (Person(), MaskMissing())
