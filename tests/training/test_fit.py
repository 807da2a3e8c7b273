"""Fitting: which epoch's weights are kept."""

from __future__ import annotations

from training.fit import last_is_best
from training.mask.task import configure

# Few faces of the rare class: the network that names none of it has the best accuracy.
HISTORY = [
    {"val_accuracy": 0.956, "val_loss": 0.2475},
    {"val_accuracy": 0.943, "val_loss": 0.2776},
    {"val_accuracy": 0.948, "val_loss": 0.2365},
]


def test_the_loss_prefers_the_epoch_that_learned_the_rare_class() -> None:
    assert last_is_best(HISTORY, configure(None, 0).fit.best)
    assert not last_is_best(HISTORY[:2], "loss")


def test_the_accuracy_prefers_the_first() -> None:
    assert last_is_best(HISTORY[:1], "accuracy")
    assert not last_is_best(HISTORY, "accuracy")


def test_without_accuracies_the_loss_decides() -> None:
    losses = [{"val_loss": row["val_loss"]} for row in HISTORY]
    assert last_is_best(losses, "accuracy")
    assert not last_is_best(losses[:2], "accuracy")


def test_of_equal_epochs_the_last_is_best() -> None:
    assert last_is_best([HISTORY[0], HISTORY[0]], "loss")
