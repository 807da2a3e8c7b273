"""Fitting: AdamW, warm-up and cosine with halving on a plateau, early stopping, resuming."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from training.progress import progress


@dataclass(frozen=True, slots=True)
class FitConfig:
    """How a network is fitted.

    Attributes:
        epochs: how long the cosine takes.
        batch: crops a step.
        rate: highest learning rate.
        warm_up: epochs over which the rate rises to it.
        decay: AdamW's weight decay.
        smoothing: label smoothing.
        ema: momentum of the moving average of weights that is kept as the result.
        plateau: epochs without a better validation loss after which the rate is halved.
        patience: epochs without one after which the run stops.
        seed: the seed of initial weights, order and augmentation.
        precision: Keras dtype policy.
        validation_batch: pictures a step when the validation data are looked at.
    """

    epochs: int = 30
    batch: int = 128
    rate: float = 2e-3
    warm_up: float = 1.0
    decay: float = 5e-2
    smoothing: float = 0.0
    ema: float = 0.995
    plateau: int = 5
    patience: int = 12
    seed: int = 0
    precision: str = "mixed_bfloat16"
    validation_batch: int = 256


def fit(
    model: keras.Model,
    train: keras.utils.PyDataset,
    validation: tuple[Any, Any],
    config: FitConfig,
    folder: Path,
    *,
    state: Resume | None = None,
    loss: Callable[[Any, Any], Any] | None = None,
) -> list[dict[str, float]]:
    """Fit and leave the best weights in `model` and in `folder`.

    The best are those of the highest validation accuracy, or of the lowest validation loss where
    another loss than the classifiers' is given, for which there is no accuracy.

    Args:
        model: the network, not compiled.
        train: the batches; begun at `state`'s epoch where the run goes on.
        validation: crops of the final size and labels.
        config: the settings.
        folder: the run folder; `resume.npz`, `history.json` and `best.weights.h5` go there.
        state: where an earlier run stopped.
        loss: of truth and answers; by default the cross-entropy of classes.

    Returns:
        One row of figures an epoch.
    """
    model.compile(
        optimizer=keras.optimizers.AdamW(
            config.rate,
            weight_decay=config.decay,
            use_ema=True,
            ema_momentum=config.ema,
            clipnorm=2.0,
        ),
        loss=loss or keras.losses.CategoricalCrossentropy(label_smoothing=config.smoothing),
        metrics=["accuracy"] if loss is None else [],
        jit_compile=compiled(),
    )
    model.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.optimizer.build(model.trainable_variables)
    history: list[dict[str, float]] = []
    if state is not None:
        state.restore(model)
        history = state.history
    keeper = _Keeper(history, config, folder)
    if len(history) < config.epochs and not keeper.out_of_patience():
        model.fit(
            train,
            validation_data=validation,
            validation_batch_size=config.validation_batch,
            epochs=config.epochs,
            initial_epoch=len(history),
            verbose=0,
            callbacks=[
                _Rate(config, history, len(train)),
                _Progress(config.epochs, len(history), len(train)),
                keeper,  # writes the raw weights, so it stands before the swap
                keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
                _Best(history, folder),
            ],
        )
    model.load_weights(folder / "best.weights.h5")
    return history


def compiled() -> bool | str:
    """What Keras is to do about XLA: on a CPU, TensorFlow's own kernels train 3 times as fast."""
    slower = keras.backend.backend() == "tensorflow" and not keras.distribution.list_devices("gpu")
    return False if slower else "auto"


@dataclass(frozen=True, slots=True, eq=False)
class Resume:
    """A run's state after an epoch: weights, the optimizer's variables and the figures so far."""

    arrays: list[np.ndarray[Any, Any]]
    history: list[dict[str, float]]

    @classmethod
    def read(cls, folder: Path) -> Resume | None:
        """The state in a run folder; None where there is none."""
        path = folder / "resume.npz"
        if not path.is_file():
            return None
        with np.load(path) as stored:
            arrays = [stored[f"a{i}"] for i in range(len(stored.files) - 1)]
            history = json.loads(str(stored["history"]))
        return cls(arrays, history)

    def restore(self, model: keras.Model) -> None:
        """Put the state into a compiled model of the same shape."""
        variables = [*model.variables, *model.optimizer.variables]
        if [tuple(v.shape) for v in variables] != [a.shape for a in self.arrays]:
            raise ValueError("The run to resume is of another network; give another --out.")
        for variable, array in zip(variables, self.arrays, strict=True):
            variable.assign(array)

    @staticmethod
    def write(model: keras.Model, history: list[dict[str, float]], folder: Path) -> None:
        """Write the state, whole or not at all."""
        variables = [*model.variables, *model.optimizer.variables]
        arrays = {f"a{i}": ops.convert_to_numpy(v) for i, v in enumerate(variables)}
        part = folder / "resume.part.npz"
        np.savez(part, history=np.array(json.dumps(history)), **arrays)
        part.replace(folder / "resume.npz")


def rate_factor(step: float, config: FitConfig, losses: list[float]) -> float:
    """The share of the highest rate at a time in epochs: warm-up, cosine, halved on plateaus."""
    if step < config.warm_up:
        return max(step / config.warm_up, 0.01)
    way = (step - config.warm_up) / max(config.epochs - config.warm_up, 1e-6)
    cosine = 0.5 * (1 + math.cos(math.pi * min(way, 1)))
    best, since, halvings = math.inf, 0, 0
    for loss in losses:
        best, since = (loss, 0) if loss < best else (best, since + 1)
        if since == config.plateau:
            halvings, since = halvings + 1, 0
    return max(cosine * 0.5**halvings, 1e-3)


class _Rate(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, config: FitConfig, history: list[dict[str, float]], steps: int) -> None:
        super().__init__()
        self._config, self._history, self._steps = config, history, steps
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch
        self._losses = [row["val_loss"] for row in self._history]

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        time = self._epoch + batch / self._steps
        factor = rate_factor(time, self._config, self._losses)
        self.model.optimizer.learning_rate = self._config.rate * factor


class _Progress(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, epochs: int, first: int, steps: int) -> None:
        super().__init__()
        self._epochs = epochs
        self._bar = progress(epochs * steps, "training", initial=first * steps)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._bar.update()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        figures = " ".join(f"{k} {v:.4f}" for k, v in (logs or {}).items())
        self._bar.write(f"epoch {epoch + 1} of {self._epochs}: {figures}")

    def on_train_end(self, logs: Any = None) -> None:
        self._bar.close()


class _Keeper(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, history: list[dict[str, float]], config: FitConfig, folder: Path) -> None:
        super().__init__()
        self._history, self._config, self._folder = history, config, folder

    def out_of_patience(self) -> bool:
        losses = [row["val_loss"] for row in self._history]
        return bool(losses) and len(losses) - 1 - int(np.argmin(losses)) >= self._config.patience

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        rate = float(ops.convert_to_numpy(self.model.optimizer.learning_rate))
        row = {k: float(v) for k, v in (logs or {}).items()}
        self._history.append({"epoch": epoch + 1, "rate": rate, **row})
        Resume.write(self.model, self._history, self._folder)
        (self._folder / "history.json").write_text(json.dumps(self._history, indent=1))
        if self.out_of_patience():
            self.model.stop_training = True


class _Best(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, history: list[dict[str, float]], folder: Path) -> None:
        super().__init__()
        self._history, self._folder = history, folder

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        worth = [row.get("val_accuracy", -row["val_loss"]) for row in self._history]
        if worth[-1] >= max(worth):
            self.model.save_weights(self._folder / "best.weights.h5")
