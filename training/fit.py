"""Fitting: AdamW, warm-up and cosine schedule, halving on plateaus, early stopping, resuming."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from training.progress import progress


@dataclass(frozen=True, slots=True, kw_only=True)
class FitConfig:
    """Optimizer and schedule.

    Attributes:
        epochs: length of the cosine schedule.
        batch: batch size.
        rate: peak learning rate.
        warm_up: epochs of linear warm-up to `rate`.
        decay: AdamW's weight decay.
        smoothing: label smoothing.
        ema: momentum of the exponential moving average of the weights, which is the result.
        plateau: epochs without a lower validation loss before the learning rate is halved.
        patience: epochs without a lower validation loss before training stops.
        seed: seed of initial weights, order and augmentation.
        precision: Keras dtype policy.
        validation_batch: batch size on the validation data.
        best: what the best epoch has most or least of on the validation data. Where a class is rare
            there, accuracy is highest while few answers are of that class: use the loss.
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
    best: Literal["accuracy", "loss"] = "accuracy"


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
    """Fit a network; the best weights end up in `model` and in `folder`.

    The best epoch has the highest validation accuracy, or by `config.best` or with a custom `loss`,
    which has no accuracy, the lowest validation loss.

    Args:
        model: the network, not compiled.
        train: the batches; start at the epoch of `state` when resuming.
        validation: crops at the input size, and labels.
        config: the settings.
        folder: run folder for `resume.npz`, `history.json` and `best.weights.h5`.
        state: state of an earlier run to resume.
        loss: takes truth and predictions; defaults to categorical cross-entropy.

    Returns:
        One row of metrics per epoch.
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
        jit_compile=jit_compile(),
    )
    model.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.optimizer.build(model.trainable_variables)
    history: list[dict[str, float]] = []
    if state is not None:
        state.restore(model)
        history = state.history
    checkpoint = _Checkpoint(history, config, folder)
    if len(history) < config.epochs and not checkpoint.out_of_patience():
        model.fit(
            train,
            validation_data=validation,
            validation_batch_size=config.validation_batch,
            epochs=config.epochs,
            initial_epoch=len(history),
            verbose=0,
            callbacks=[
                _LearningRate(config, history, len(train)),
                _Progress(config.epochs, len(history), len(train)),
                checkpoint,  # saves the raw weights, so it runs before the swap
                keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
                _SaveBest(history, folder, config.best),
            ],
        )
    model.load_weights(folder / "best.weights.h5")
    return history


def jit_compile() -> bool | str:
    """Keras's `jit_compile`: no XLA on a CPU, where TensorFlow's kernels are 3 times as fast."""
    slower = keras.backend.backend() == "tensorflow" and not keras.distribution.list_devices("gpu")
    return False if slower else "auto"


@dataclass(frozen=True, slots=True, eq=False)
class Resume:
    """Training state after an epoch: weights, optimizer variables and metrics so far."""

    arrays: list[np.ndarray[Any, Any]]
    history: list[dict[str, float]]

    @classmethod
    def read(cls, folder: Path) -> Resume | None:
        """Load the state from a run folder; None if there is none."""
        path = folder / "resume.npz"
        if not path.is_file():
            return None
        with np.load(path) as stored:
            arrays = [stored[f"a{i}"] for i in range(len(stored.files) - 1)]
            history = json.loads(str(stored["history"]))
        return cls(arrays, history)

    def restore(self, model: keras.Model) -> None:
        """Load the state into a compiled model.

        Raises:
            ValueError: the model has another shape.
        """
        variables = [*model.variables, *model.optimizer.variables]
        if [tuple(v.shape) for v in variables] != [a.shape for a in self.arrays]:
            raise ValueError(
                "The saved run has a different network shape. Choose another folder with --out."
            )
        for variable, array in zip(variables, self.arrays, strict=True):
            variable.assign(array)

    @staticmethod
    def write(model: keras.Model, history: list[dict[str, float]], folder: Path) -> None:
        """Save the state atomically."""
        variables = [*model.variables, *model.optimizer.variables]
        arrays = {f"a{i}": ops.convert_to_numpy(v) for i, v in enumerate(variables)}
        part = folder / "resume.part.npz"
        np.savez(part, history=np.array(json.dumps(history)), **arrays)
        part.replace(folder / "resume.npz")


def rate_factor(step: float, config: FitConfig, losses: list[float]) -> float:
    """Learning rate relative to its peak: warm-up, cosine decay, halved on plateaus.

    Args:
        step: time in epochs, fractional.
        config: the schedule.
        losses: validation losses of the epochs so far.
    """
    if step < config.warm_up:
        return max(step / config.warm_up, 0.01)
    elapsed = (step - config.warm_up) / max(config.epochs - config.warm_up, 1e-6)
    cosine = 0.5 * (1 + math.cos(math.pi * min(elapsed, 1)))
    best, since, halvings = math.inf, 0, 0
    for loss in losses:
        best, since = (loss, 0) if loss < best else (best, since + 1)
        if since == config.plateau:
            halvings, since = halvings + 1, 0
    return max(cosine * 0.5**halvings, 1e-3)


def last_is_best(history: list[dict[str, float]], best: str) -> bool:
    """Whether the last epoch is the best so far; of equal ones, the last is.

    Args:
        history: one row of metrics per epoch, at least one.
        best: see `FitConfig.best`; without accuracies, the loss decides.
    """
    by_loss = best == "loss" or "val_accuracy" not in history[-1]
    scores = [-row["val_loss"] if by_loss else row["val_accuracy"] for row in history]
    return scores[-1] >= max(scores)


class _LearningRate(keras.callbacks.Callback):  # type: ignore[misc]
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


class _Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]
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


class _SaveBest(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, history: list[dict[str, float]], folder: Path, best: str) -> None:
        super().__init__()
        self._history, self._folder, self._best = history, folder, best

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if last_is_best(self._history, self._best):
            part = self._folder / "best.part.weights.h5"  # renamed once complete: an atomic save
            self.model.save_weights(part)
            part.replace(self._folder / "best.weights.h5")
