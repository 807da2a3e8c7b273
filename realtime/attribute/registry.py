"""The attributes of a face by name: a new one is one entry here and a network in `models/`.

Pipeline, tracks, drawing, JSON, tables, the API and the pages' controls and cards iterate this
registry, in its order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from realtime.core.answers import UNSURE
from realtime.core.settings import AnalysisSettings

Colour = tuple[int, int, int]  # BGR


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """What is said of a face by one trained classifier, and how it is shown.

    Attributes:
        name: its key in settings, JSON, tables and the API.
        labels: what the network's probabilities stand for, in order.
        title: a heading, such as "Mask".
        control: the label of its switch on the pages, such as "Masks".
        help: what the switch does, one or two sentences.
        smoothing_s: time constant of the average over a stream's frames.
        default_on: whether it is classified unless the user chooses otherwise. Such an attribute
            is a key of every JSON record, null where it is switched off.
        captions: what a user reads for a label; labels that are missing here stand for themselves.
        colours: a colour for each label and for `UNSURE`; the first attribute with colours that is
            classified colours a face's box.
        model: the folder of its network below `models/`; empty where that has the same name.
        mask_sensitive: whether a mask hides what it depends on, so that its probabilities are
            tempered while a mask is worn.

    Example:
        >>> MASK.caption("incorrect"), EMOTION.caption("happy")
        ('incorrect mask', 'happy')
    """

    name: str
    labels: tuple[str, ...]
    title: str
    control: str
    help: str
    smoothing_s: float
    default_on: bool = False
    captions: Mapping[str, str] = field(default_factory=dict)
    colours: Mapping[str, Colour] = field(default_factory=dict)
    model: str = ""
    mask_sensitive: bool = False

    @property
    def network(self) -> str:
        """The folder of its network below `models/`."""
        return self.model or self.name

    def caption(self, label: str) -> str:
        """What a user reads for this label or `UNSURE`."""
        return (
            f"{self.title.lower()} unsure" if label == UNSURE else self.captions.get(label, label)
        )


# Okabe and Ito's palette (BGR), which colour-blind people can tell apart. The lilac of "unsure"
# is calm, and as far from each mask colour as they are from each other, for the colour-blind too.
UNSURE_COLOUR: Colour = (220, 150, 170)
MASK = Attribute(
    name="mask",
    labels=("with_mask", "without_mask", "incorrect"),
    title="Mask",
    control="Masks",
    help="Classify whether a mask is worn, missing or worn incorrectly.",
    smoothing_s=0.4,
    default_on=True,
    captions={
        "with_mask": "mask worn",
        "without_mask": "no mask",
        "incorrect": "incorrect mask",
    },
    colours={
        "with_mask": (115, 158, 0),
        "without_mask": (0, 94, 213),
        "incorrect": (66, 228, 240),
        UNSURE: UNSURE_COLOUR,
    },
)
EMOTION = Attribute(
    name="emotion",
    labels=("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"),
    title="Emotion",
    control="Emotions",
    help="Classify which of seven emotions a face shows. In the EU this is prohibited at work and "
    "in schools, except for medical or safety reasons.",
    smoothing_s=0.3,
    default_on=True,
    colours={
        "angry": (0, 94, 213),
        "disgust": (115, 158, 0),
        "fear": (167, 121, 204),
        "happy": (0, 159, 230),
        "sad": (178, 114, 0),
        "surprise": (233, 180, 86),
        "neutral": (146, 148, 140),
        UNSURE: UNSURE_COLOUR,
    },
    mask_sensitive=True,
)
GENDER = Attribute(
    name="gender",
    labels=("male", "female"),
    title="Gender",
    control="Gender",
    help="Classify male or female, the two labels of the training data: not a person's identity.",
    smoothing_s=1.0,
)
ATTRIBUTES: dict[str, Attribute] = {a.name: a for a in (MASK, EMOTION, GENDER)}


def names(settings: AnalysisSettings) -> frozenset[str]:
    """The names of the attributes that these settings classify."""
    return default_names() if settings.attributes is None else settings.attributes


def chosen(on: frozenset[str]) -> frozenset[str] | None:
    """These names as `AnalysisSettings.attributes`: None where they are the default."""
    return None if on == default_names() else on


def enabled(settings: AnalysisSettings) -> list[Attribute]:
    """The attributes that these settings classify, in the registry's order.

    Raises:
        ValueError: the settings name one that is not registered.
    """
    on = names(settings)
    check_names(on)
    return [a for a in ATTRIBUTES.values() if a.name in on]


def default_names() -> frozenset[str]:
    """The names of the attributes that are on by default."""
    return frozenset(a.name for a in ATTRIBUTES.values() if a.default_on)


def check_names(wanted: Collection[str]) -> None:
    """Check that all these attributes are registered.

    Raises:
        ValueError: one is not; the message lists those that are.
    """
    unknown = sorted(set(wanted) - set(ATTRIBUTES))
    if unknown:
        raise ValueError(
            f"There is no attribute {unknown[0]!r}; choose from {', '.join(ATTRIBUTES)}."
        )
