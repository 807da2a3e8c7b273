"""Labels of FER-2013, and votes of FER+ as majority and soft labels.

FER+: ten annotators vote on each picture, https://arxiv.org/abs/1608.01041.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import EMOTION
from realtime.core.faces import F32

# FER+'s names of the seven emotions, and our labels.
MAJORITY = {
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprise": "surprise",
    "neutral": "neutral",
}
OTHER_VOTES = ("contempt", "unknown", "NF")  # NF: not a face
VOTES = (*MAJORITY, *OTHER_VOTES)  # columns of the vote tables


def majority_label(name: str) -> int:
    """Position in `EMOTION.labels` of a FER+ majority; -1 for contempt, unknown, NF and ties."""
    return EMOTION.labels.index(MAJORITY[name]) if name in MAJORITY else -1


def official_label(name: str) -> int:
    """Position in `EMOTION.labels` of FER-2013's own label; -1 if it names two."""
    return EMOTION.labels.index(name) if name in EMOTION.labels else -1


def votes_table(rows: Sequence[Mapping[str, str]], prefix: str = "") -> F32:
    """Parse CSV rows to votes (n, 10) in the order of `VOTES`.

    Args:
        rows: one mapping of column names to text per picture.
        prefix: start of the column names, before the names in `VOTES`.

    Raises:
        ValueError: a vote is not a number.
    """
    table = [[float(row[prefix + name]) for name in VOTES] for row in rows]
    return np.array(table, np.float32).reshape(-1, len(VOTES))


def majority_of(votes: F32) -> NDArray[np.int64]:
    """Majority labels (n,) of votes (n, 10); -1 for ties and for none of the seven."""
    tie = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
    best = votes.argmax(axis=1)
    order = np.array([majority_label(name) for name in VOTES])
    return np.where(tie, -1, order[best]).astype(np.int64)


def seven_class_votes(votes: F32) -> F32:
    """The votes (n, 7) for the seven emotions, in the order of `EMOTION.labels`."""
    positions = [majority_label(name) for name in MAJORITY]
    table: F32 = votes[:, np.argsort(positions)]
    return table


def soft_labels(votes: F32) -> F32:
    """Normalise votes (n, 7) to shares; uniform if nobody voted for any of the seven.

    As in the FER+ authors' code, emotions with a single vote are dropped as outliers, unless no
    emotion has more.
    """
    repeated = np.where(votes > 1, votes, 0)
    votes = np.where(repeated.sum(axis=1, keepdims=True) > 0, repeated, votes)
    total = votes.sum(axis=1, keepdims=True)
    uniform = np.full_like(votes, 1 / votes.shape[1], dtype=np.float32)
    return np.asarray(np.divide(votes, total, out=uniform, where=total > 0), np.float32)


def other_share(votes: F32) -> F32:
    """Share (n,) of votes (n, 10) for contempt, unknown or not a face."""
    other: F32 = votes[:, len(MAJORITY) :].sum(axis=1) / np.maximum(votes.sum(axis=1), 1)
    return other
