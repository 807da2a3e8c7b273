"""Fine-tuning a changed network for a few epochs, resumed where it was cut."""

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
    """Fine-tune with AdamW and a cosine that ends at zero, so the last weights are the result.

    Args:
        model: the network, not compiled; its weights change.
        batches: gives the training batches from an epoch on.
        folder: where the state after each epoch is kept, and `history.json`.
        epochs: how long; where the state says that these are done, nothing is trained.
        rate: the learning rate at the start.
        smoothing: label smoothing.
        callbacks: more to do on the way.

    Returns:
        A row of figures an epoch.
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
        jit_compile=False,  # for a few epochs, compiling takes longer than it saves
    )
    model.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.optimizer.build(model.trainable_variables)
    if state is not None:
        state.restore(model)
    if len(history) < epochs:
        keeper = _Keeper(history, folder, epochs, steps)
        model.fit(
            train,
            epochs=epochs,
            initial_epoch=len(history),
            verbose=0,
            callbacks=[*callbacks, keeper],
        )
    return history


class _Keeper(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells how far it is, and keeps the state after each epoch."""

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
