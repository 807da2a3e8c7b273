"""Fine-tuning a modified network for a few epochs, with resuming."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras

from training.batches import Batches
from training.fit import Resume
from training.progress import progress

DECAY = 0.01


def tune(
    model: keras.Model,
    batches: Callable[[int], Batches],
    folder: Path,
    *,
    epochs: int,
    rate: float,
    smoothing: float = 0.0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> list[dict[str, float]]:
    """Fine-tune with AdamW and cosine decay to zero; the final weights are the result.

    Args:
        model: the network, not compiled; trained in place.
        batches: returns the training batches from a given epoch on.
        folder: folder for `history.json` and the state after each epoch; training resumes from it.
        epochs: total number of epochs, including those already in the state.
        rate: initial learning rate.
        smoothing: label smoothing.
        callbacks: additional Keras callbacks.

    Returns:
        One row of metrics per epoch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = Resume.read(folder)
    history = [] if state is None else state.history
    train = batches(len(history))
    steps = len(train)
    model.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(rate, epochs * steps),
            weight_decay=DECAY,
            clipnorm=2.0,
        ),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=smoothing),
        metrics=["accuracy"],
        jit_compile=False,  # compiling does not pay off for a few epochs
    )
    model.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.optimizer.build(model.trainable_variables)
    if state is not None:
        state.restore(model)
    if len(history) < epochs:
        checkpoint = _Checkpoint(history, folder, epochs, steps)
        model.fit(
            train,
            epochs=epochs,
            initial_epoch=len(history),
            verbose=0,
            callbacks=[*callbacks, checkpoint],
        )
    return history


class _Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports progress, and saves the state after each epoch."""

    def __init__(
        self, history: list[dict[str, float]], folder: Path, epochs: int, steps: int
    ) -> None:
        super().__init__()
        self._history, self._folder = history, folder
        self._bar = progress(epochs * steps, folder.name, initial=len(history) * steps)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._bar.update()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        row = {k: float(v) for k, v in (logs or {}).items()}
        self._history.append({"epoch": epoch + 1, **row})
        Resume.write(self.model, self._history, self._folder)
        text = json.dumps(self._history, indent=1)
        (self._folder / "history.json").write_text(text, encoding="utf-8")

    def on_train_end(self, logs: Any = None) -> None:
        self._bar.close()
