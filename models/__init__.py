"""Trained models, one folder each, loaded by name and verified against their card.

A folder contains `model.tflite`, `labels.txt` (one label per line) and `card.toml`. A classifier
takes (n, side, side, channels) float32 with values 0..255, BGR or gray, and returns probabilities
(n, k). Other formats use other file names: `model.skops` is a scikit-learn model, see
`realtime.attribute.eigenfaces`; `model.npz` contains arrays for landmarks, see `realtime.landmark`.
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
    """A model is missing or does not match its card; the message is for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """Thresholds beyond which an answer is unsure: the card's `[unsure]` table.

    With the default values no answer is unsure.

    Attributes:
        confidence: minimum top probability.
        min_side_px: minimum shorter side of the landmarks' bounding box, in pixels.
        min_sharpness: minimum `realtime.attribute.quality.sharpness` of the classifier's crop.
        max_yaw_deg: maximum head yaw to either side.
        masked_confidence: `confidence` for faces with a mask; None for the same value.
        masked_temperature: T for faces with a mask; probabilities p become p**(1/T), renormalised.
    """

    confidence: float = 0.0
    min_side_px: float = 0.0
    min_sharpness: float = 0.0
    max_yaw_deg: float = 90.0
    masked_confidence: float | None = None
    masked_temperature: float = 1.0


_SIDE_PX, _ZOOM = (1, 1024), (0.1, 10)  # ranges of the keys in `[input]`
# Valid keys of the `[unsure]` table and their ranges.
_UNSURE_RANGES = {
    "confidence": (0, 1),
    "min_side_px": (0, 10_000),
    "min_sharpness": (0, 1_000),
    "max_yaw_deg": (0, 90),
    "masked_confidence": (0, 1),
    "masked_temperature": (0.1, 100),
}


@dataclass(frozen=True, slots=True, kw_only=True)
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
        raise ModelError(f"Model {name!r}: the file {CARD} is missing.") from error
    except (ValueError, RecursionError) as error:  # also numbers too long, and lists too deep
        raise ModelError(f"Model {name!r}: {CARD} is not valid TOML: {error}.") from error


def load(name: str, *, root: Path | None = None, file: str = NETWORK) -> Model:
    """Load a model's card and verify the model file against its SHA-256.

    Args:
        name: name of the model's folder, such as `emotion`.
        root: folder of the models' folders; defaults to this package.
        file: name of the model file.

    Raises:
        ModelError: a file is missing, the hash differs, or a key of the card is missing, unknown
            or invalid.
    """
    folder = _folder(name, root)
    for needed in (CARD, file, LABELS):
        if not (folder / needed).is_file():
            raise ModelError(f"Model {name!r}: the file {needed} is missing.")
    content = card(name, root=root)
    labels = tuple(_value(content, name, "labels", list))
    listed = tuple((folder / LABELS).read_text(encoding="utf-8", errors="replace").split())
    if not labels or labels != listed:
        raise ModelError(f"Model {name!r}: the labels in {CARD} and {LABELS} differ.")
    channels = _value(content, name, "input.channels", int)
    if channels not in (1, 3):
        raise ModelError(f"Model {name!r}: input.channels must be 1 or 3, got {channels}.")
    expected = _value(content, name, "sha256", str)
    actual = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    if actual != expected:
        raise ModelError(
            f"Model {name!r}: {file} does not match its card (SHA-256 {actual}, expected "
            f"{expected}). Restore the file or export the model again."
        )
    return Model(
        name=name,
        path=folder / file,
        labels=labels,
        side_px=int(_number(content, name, "input.side_px", int, *_SIDE_PX)),
        channels=channels,
        zoom=_number(content, name, "input.zoom", (int, float), *_ZOOM),
        unsure=_unsure(content, name),
        card=content,
    )


def _folder(name: str, root: Path | None) -> Path:
    folder = (root or ROOT) / name
    if not folder.is_dir():
        available = ", ".join(names(root=root)) or "none"
        raise ModelError(f"Unknown model {name!r}. Available models: {available}.")
    return folder


def _unsure(card: Mapping[str, Any], name: str) -> Unsure:
    table = _value(card, name, "unsure", dict) if "unsure" in card else {}
    values = {}
    for key in table:
        if key not in _UNSURE_RANGES:
            raise ModelError(
                f"Model {name!r}: {CARD} has the unknown key unsure.{key}. "
                f"Valid keys: {', '.join(_UNSURE_RANGES)}."
            )
        limits = _UNSURE_RANGES[key]
        values[key] = _number(card, name, f"unsure.{key}", (int, float), *limits)
    return Unsure(**values)


def _number(
    card: Mapping[str, Any],
    name: str,
    key: str,
    kind: type | tuple[type, ...],
    low: float,
    high: float,
) -> float:
    value = _value(card, name, key, kind)
    if not low <= value <= high:  # also catches NaN
        raise ModelError(f"Model {name!r}: {key} must be between {low} and {high}, got {value}.")
    return float(value)


def _value(card: Mapping[str, Any], name: str, key: str, kind: type | tuple[type, ...]) -> Any:
    value: Any = card
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise ModelError(f"Model {name!r}: {CARD} lacks the key {key}.")
        value = value[part]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ModelError(f"Model {name!r}: {CARD} has an invalid value for {key}: {value!r}.")
    return value
