"""The trained networks: a folder each, loaded by name and checked against its card.

A folder holds `model.tflite`, `labels.txt` (one label a line) and `card.toml`. A network takes
(n, side, side, channels) float32 with values 0..255, BGR or gray, and gives probabilities (n, k).
What scikit-learn made is `model.skops` instead; `realtime.attribute.eigenfaces` reads it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from realtime.core.errors import FaceStreamError

ROOT = Path(__file__).parent
NETWORK, CARD, LABELS = "model.tflite", "card.toml", "labels.txt"


class ModelError(FaceStreamError, ValueError):
    """A model's folder is missing or does not fit its card; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """When an answer is to be called unsure: the card's table `unsure`.

    What a card leaves out keeps the value here, which makes no answer unsure.

    Attributes:
        confidence: the top probability under which an answer is unsure.
        least_side_px: the least shorter side of the box about the face's landmarks.
        least_sharpness: the least `realtime.attribute.quality.sharpness` of the classifier's crop.
        most_yaw_deg: how far the face may be turned to either side.
        masked_confidence: `confidence` while a mask is worn; None: the same.
        masked_temperature: while a mask is worn, probabilities p become p**(1/T), renormalised.
    """

    confidence: float = 0.0
    least_side_px: float = 0.0
    least_sharpness: float = 0.0
    most_yaw_deg: float = 90.0
    masked_confidence: float | None = None
    masked_temperature: float = 1.0


# The least and the greatest value that each of the table's keys may have.
_UNSURE_RANGES = {
    "confidence": (0, 1),
    "least_side_px": (0, 10_000),
    "least_sharpness": (0, 1_000),
    "most_yaw_deg": (0, 90),
    "masked_confidence": (0, 1),
    "masked_temperature": (0.1, 100),
}


@dataclass(frozen=True, slots=True)
class Model:
    """A trained network and what its card says of it.

    Attributes:
        name: its folder's name.
        path: the LiteRT file, or scikit-learn's as skops writes it.
        labels: what the probabilities stand for, in order.
        side_px: side of the square crops it takes.
        channels: 1 for gray crops, 3 for BGR.
        zoom: the crops' framing, as `realtime.landmark.align.crop_matrices` takes it.
        unsure: when its answers are to be called unsure.
        card: the whole card, read only at its top level.
    """

    name: str
    path: Path
    labels: tuple[str, ...]
    side_px: int
    channels: int
    zoom: float
    unsure: Unsure
    card: Mapping[str, Any]


def names(*, root: Path | None = None) -> list[str]:
    """The names of all models there are, sorted."""
    return sorted(card.parent.name for card in (root or ROOT).glob(f"*/{CARD}"))


def card(name: str, *, root: Path | None = None) -> Mapping[str, Any]:
    """What the model's card says, read-only at its top level; its network is not looked at.

    Args:
        name: the model's folder, `emotion` for instance.
        root: where the folders are; by default beside this file.

    Raises:
        ModelError: there is no such model, or its card is missing or not TOML.
    """
    path = _folder(name, root) / CARD
    try:
        return MappingProxyType(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ModelError(f"The model {name!r} lacks its file {CARD}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"The card of the model {name!r} is not TOML: {error}.") from error


def load(name: str, *, root: Path | None = None, file: str = NETWORK) -> Model:
    """The model of that name, its file checked against the card's SHA-256.

    Args:
        name: the model's folder, `emotion` for instance.
        root: where the folders are; by default beside this file.
        file: the name of the file that the card's SHA-256 is of.

    Raises:
        ModelError: a file or a key of the card is missing or wrong, or the hash differs.
    """
    folder = _folder(name, root)
    for needed in (CARD, file, LABELS):
        if not (folder / needed).is_file():
            raise ModelError(f"The model {name!r} lacks its file {needed}.")
    told = card(name, root=root)
    labels = tuple(_value(told, name, "labels", list))
    listed = tuple((folder / LABELS).read_text(encoding="utf-8").split())
    if not labels or labels != listed:
        raise ModelError(f"The labels of the model {name!r} differ between its card and {LABELS}.")
    channels = _value(told, name, "input.channels", int)
    if channels not in (1, 3):
        raise ModelError(f"The model {name!r} has input.channels {channels}, not 1 or 3.")
    wanted = _value(told, name, "sha256", str)
    found = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    if wanted != found:
        raise ModelError(
            f"The network of the model {name!r} is not the one its card describes: "
            f"its SHA-256 is {found}, the card says {wanted}."
        )
    return Model(
        name=name,
        path=folder / file,
        labels=labels,
        side_px=_value(told, name, "input.side_px", int),
        channels=channels,
        zoom=float(_value(told, name, "input.zoom", (int, float))),
        unsure=_unsure(told, name),
        card=told,
    )


def _folder(name: str, root: Path | None) -> Path:
    folder = (root or ROOT) / name
    if not folder.is_dir():
        known = ", ".join(names(root=root)) or "none"
        raise ModelError(f"There is no model {name!r}; those there are: {known}.")
    return folder


def _unsure(card: Mapping[str, Any], name: str) -> Unsure:
    table = _value(card, name, "unsure", dict) if "unsure" in card else {}
    values = {}
    for key, (least, most) in _UNSURE_RANGES.items():
        if key not in table:
            continue
        value = _value(card, name, f"unsure.{key}", (int, float))
        if not least <= value <= most:  # NaN neither
            raise ModelError(
                f"The card of the model {name!r} has unsure.{key} {value}, "
                f"not between {least} and {most}."
            )
        values[key] = float(value)
    return Unsure(**values)


def _value(card: Mapping[str, Any], name: str, key: str, kind: type | tuple[type, ...]) -> Any:
    value: Any = card
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise ModelError(f"The card of the model {name!r} lacks the key {key}.")
        value = value[part]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ModelError(f"The card of the model {name!r} has a wrong value for {key}: {value!r}.")
    return value
