"""What a classifier task is; `training.steps` trains one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import Field, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from models import Unsure
from realtime.inference.litert import LiteRTModel
from training.card import TrainingSet
from training.certainty import ValidationFaces
from training.crops import CropSpec
from training.results import Results

if TYPE_CHECKING:  # these import Keras, which is slow
    from training.batches import Batches
    from training.fit import FitConfig
    from training.networks import NetworkSpec


class TaskConfig(Protocol):
    """The settings every task has; a task's own frozen dataclass adds more."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def fit(self) -> FitConfig:
        """Optimizer, schedule and seed."""

    @property
    def network(self) -> NetworkSpec:
        """The network's shape."""

    @property
    def start(self) -> str | None:
        """Run folder to take the initial weights from; None for random weights."""


# In these signatures `config` is Any because each task's functions take that task's own settings.
class ReadBatches(Protocol):
    """Reads a task's training faces."""

    def __call__(
        self, data: Path, config: Any, *, limit: int | None = None, first_epoch: int = 0
    ) -> Batches:
        """Augmented batches, starting at `first_epoch`."""


class ReadValidation(Protocol):
    """Reads a task's validation faces."""

    def __call__(self, data: Path, config: Any, *, limit: int | None = None) -> ValidationFaces:
        """Faces that no batch contains."""


class ReadSets(Protocol):
    """Lists the data sets that a run learns from."""

    def __call__(
        self, data: Path, config: Any, *, limit: int | None = None
    ) -> Sequence[TrainingSet]:
        """Only sets present in `data` and used with these settings."""


class Evaluate(Protocol):
    """Evaluates an exported network on test sets."""

    def __call__(
        self,
        network: LiteRTModel,
        spec: CropSpec,
        data: Path,
        *,
        config: Any = None,
        unsure: Unsure | None = None,
        limit: int | None = None,
    ) -> Results:
        """Metrics on faces that were used neither for training nor for validation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A classifier to train. Its functions take the settings that `configure` returns.

    Attributes:
        name: command name and model folder.
        title: what the network classifies, for the model card.
        labels: classes in the order of the probabilities.
        crops: crop geometry for given settings, see `TaskConfig`.
        configure: settings for a number of epochs (None for the default) and a seed.
        batches: reads the training faces.
        validation: reads the faces used for checkpoint selection, calibration and thresholds.
        evaluate: evaluates an exported network on the test sets.
        sets: lists the training sets of a run, for the model card.
        risk: highest error rate allowed among confident answers, 0 to 1.
        masked_risk: the same for masked faces; None if masks do not affect the answer.
        limits: known limitations, one sentence each.
    """

    name: str
    title: str
    labels: Sequence[str]
    crops: Callable[[Any], CropSpec]
    configure: Callable[[int | None, int], Any]
    batches: ReadBatches
    validation: ReadValidation
    evaluate: Evaluate
    sets: ReadSets
    risk: float
    masked_risk: float | None = None
    limits: Sequence[str] = ()
