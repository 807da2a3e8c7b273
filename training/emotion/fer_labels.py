"""What FER-2013 and FER+ call the emotions, and what the annotators' votes are worth.

FER+: ten annotators vote on every picture, https://arxiv.org/abs/1608.01041.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import EMOTION_LABELS, F32

# FER+'s words for the seven, by our label, and what else it lets annotators say.
MAJORITY = {
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprise": "surprise",
    "neutral": "neutral",
}
OTHERS = ("contempt", "unknown", "NF")  # NF: not a face
VOTES = (*MAJORITY, *OTHERS)  # the columns of a table of votes


def majority_label(name: str) -> int:
    """Position in `EMOTION_LABELS` of a FER+ majority; -1 for contempt, unknown, NF and ties."""
    return EMOTION_LABELS.index(MAJORITY[name]) if name in MAJORITY else -1


def official_label(name: str) -> int:
    """Position in `EMOTION_LABELS` of FER-2013's own label; -1 where it names two."""
    return EMOTION_LABELS.index(name) if name in EMOTION_LABELS else -1


def votes_table(rows: Sequence[Mapping[str, str]], prefix: str = "") -> F32:
    """The votes (n, 10) in the order of `VOTES` of a csv's rows.

    Raises:
        ValueError: something is no number; the message is Python's.
    """
    table = [[float(row[prefix + name]) for name in VOTES] for row in rows]
    return np.array(table, np.float32).reshape(-1, len(VOTES))


def majority_of(votes: F32) -> NDArray[np.int64]:
    """The majority (n,) of votes (n, 10): -1 where it is none of the seven, or a tie."""
    tie = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
    best = votes.argmax(axis=1)
    order = np.array([majority_label(name) for name in VOTES])
    return np.where(tie, -1, order[best]).astype(np.int64)


def seven(votes: F32) -> F32:
    """The votes (n, 7) for the seven classes, in the order of `EMOTION_LABELS`."""
    places = [majority_label(name) for name in MAJORITY]
    table: F32 = votes[:, np.argsort(places)]
    return table


def soft_labels(votes: F32) -> F32:
    """Votes (n, 7) as shares that sum to one; even shares where nobody voted for any of them.

    As in the FER+ authors' own code a lone vote is an outlier and dropped, unless all are.
    """
    firm = np.where(votes > 1, votes, 0)
    votes = np.where(firm.sum(axis=1, keepdims=True) > 0, firm, votes)
    total = votes.sum(axis=1, keepdims=True)
    even = np.full_like(votes, 1 / votes.shape[1], dtype=np.float32)
    return np.divide(votes, total, out=even, where=total > 0)


def other_share(votes: F32) -> F32:
    """The share (n,) of votes (n, 10) that are for contempt, unknown or not a face."""
    other: F32 = votes[:, len(MAJORITY) :].sum(axis=1) / np.maximum(votes.sum(axis=1), 1)
    return other
