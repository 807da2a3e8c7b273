"""Trained models, one folder each, loaded by name and verified against their card.

A folder contains `model.tflite`, `labels.txt` (one label per line) and `card.toml`. A classifier
takes (n, side, side, channels) float32 with values 0..255, BGR or gray, and returns probabilities
(n, k). Models of other formats have another file name: `model.skops` is a scikit-learn model, see
`realtime.attribute.eigenfaces`; `model.npz` holds arrays for landmarks, see `realtime.landmark`.
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
    """A model is missing or does not match its card; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """Thresholds beyond which an answer is unsure: the card's `[unsure]` table.

    With the default values no answer is unsure.

    Attributes:
        confidence: minimum top probability.
        least_side_px: minimum shorter side of the landmarks' bounding box, in pixels.
        least_sharpness: minimum `realtime.attribute.quality.sharpness` of the classifier's crop.
        most_yaw_deg: maximum head yaw to either side.
        masked_confidence: `confidence` for faces with a mask; None for the same value.
        masked_temperature: T for faces with a mask; probabilities p become p**(1/T), renormalised.
    """

    confidence: float = 0.0
    least_side_px: float = 0.0
    least_sharpness: float = 0.0
    most_yaw_deg: float = 90.0
    masked_confidence: float | None = None
    masked_temperature: float = 1.0


# Valid range of each key.
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
    """A trained model and its card.

    Attributes:
        name: name of its folder.
        path: the model file: LiteRT, skops or npz.
        labels: classes in the order of the probabilities.
        side_px: side of its square input crops.
        channels: 1 for gray crops, 3 for BGR.
        zoom: framing of the crops, see `realtime.landmark.align.crop_matrices`.
        unsure: thresholds beyond which its answers are unsure.
        card: the whole card; read-only at the top level.
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
    """The names of all models, sorted.

    Args:
        root: folder of the models' folders; defaults to this package.
    """
    return sorted(card.parent.name for card in (root or ROOT).glob(f"*/{CARD}"))


def card(name: str, *, root: Path | None = None) -> Mapping[str, Any]:
    """Read a model's card, without checking the model file; read-only at the top level.

    Args:
        name: name of the model's folder, such as `emotion`.
        root: folder of the models' folders; defaults to this package.

    Raises:
        ModelError: the model or its card is missing, or the card is not valid TOML.
    """
    path = _folder(name, root) / CARD
    try:
        return MappingProxyType(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ModelError(f"The model {name!r} lacks its file {CARD}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"The card of the model {name!r} is not TOML: {error}.") from error


def load(name: str, *, root: Path | None = None, file: str = NETWORK) -> Model:
    """Load a model's card and verify the model file against its SHA-256.

    Args:
        name: name of the model's folder, such as `emotion`.
        root: folder of the models' folders; defaults to this package.
        file: name of the model file.

    Raises:
        ModelError: a file or a key of the card is missing or invalid, or the hash differs.
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
