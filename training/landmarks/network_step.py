"""Train the network of the 68 points, evaluate it on the test faces and write its model folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

import models
from models import NETWORK
from realtime.core.faces import F32
from realtime.core.landmarks import MESH468, Landmarks
from realtime.inference.litert import LiteRTModel
from realtime.landmark import facestream_mesh
from realtime.landmark.cnn68 import COLUMNS, NAME, in_frame
from realtime.landmark.facestream_mesh import inner_squares
from realtime.landmark.region import region_matrices, regions_from_landmarks
from training.export import measure, to_litert, write_folder
from training.fit import FitConfig, Resume, fit
from training.landmarks.batches import PointBatches, cut, mirrored_too
from training.landmarks.card import LABELS, network_card, score_table
from training.landmarks.errors import score
from training.landmarks.faces import LabelledFace, Split
from training.landmarks.network import build, start_from_mesh
from training.landmarks.search import split_validation
from training.landmarks.unlabelled import read_unlabelled
from training.mesh.loss import length
from training.mesh.network import MeshSpec
from training.teachers import load_weights

PERCENT = 100.0  # points are in sides of the crop; errors count in percent of it


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """Settings of a run.

    Attributes:
        fit: optimizer and schedule.
        network: the architecture, which is the mesh's.
        zoom: side of a face's region over that of the part that the network sees; the mesh's.
        mesh: folder of the mesh's model, whose weights are the start.
        teacher: run folder of a network whose weights are the start instead, and whose answers on
            faces without labels are learned beside the labels.
        batches: batches an epoch.
    """

    fit: FitConfig = field(
        default_factory=lambda: FitConfig(
            epochs=60,
            batch=32,
            rate=1e-3,
            decay=1e-2,
            ema=0.998,
            plateau=1000,  # the cosine alone: its end is planned
            patience=1000,
            precision="float32",
        )
    )
    network: MeshSpec = field(default_factory=MeshSpec)
    zoom: float = 1.2
    mesh: Path = field(default_factory=lambda: models.load(facestream_mesh.NAME).path.parent)
    teacher: Path | None = None
    batches: int = 110


def train_network(
    splits: dict[str, Split],
    config: NetworkConfig,
    data: Path,
    folder: Path,
    target: Path,
    *,
    command: str,
    resume: bool,
    limit: int | None,
) -> list[dict[str, Any]]:
    """Train, export and evaluate the network.

    Args:
        splits: the labelled faces, `train` and `test`.
        config: the settings.
        data: the folder of zipped sets, for faces without labels.
        folder: run folder; the checkpoints of the network go below it.
        target: where to write the model's folder.
        command: command line that reproduces the model, for the card.
        resume: continue after the last epoch in the run folder.
        limit: maximum number of pictures of each set without labels.

    Returns:
        Rows of a table: errors on the test faces, by the source of their meshes.
    """
    train, test = splits["train"], splits["test"]
    run = folder / NAME
    run.mkdir(parents=True, exist_ok=True)
    state = Resume.read(run) if resume else None
    learned, validation = split_validation(train)
    faces, regions = mirrored_too(learned.faces, learned.regions["mesh"])
    keras.utils.set_random_seed(config.fit.seed)
    model = build(config.network)
    sets = [(faces, regions)]
    if config.teacher is not None:
        load_weights(model, config.teacher)
        sets.append(mirrored_too(*read_unlabelled(data, model, config.zoom, limit=limit)))
    elif state is None:
        start_from_mesh(model, config.network, config.mesh, *_cut_all(faces, regions, config))
    batches = PointBatches(
        sets,
        batches=config.batches,
        side_px=config.network.side_px,
        zoom=config.zoom,
        batch=config.fit.batch,
        seed=config.fit.seed,
        first_epoch=0 if state is None else len(state.history),
    )
    pair = _whole(validation, config)
    history = fit(model, batches, pair, config.fit, run, state=state, loss=point_loss)
    path = run / NETWORK
    to_litert(model, path, int8=True)
    network = LiteRTModel(path)
    metrics, rows = {}, []
    for name, meshes in (("detector", "landmarks"), ("box", "own")):
        result = score_table(score(predict_points(network, test, meshes, config), test.points))
        metrics[f"helen_test_from_{name}"] = result
        rows.append({"mesh from": name, **result})
    training = {
        "seed": config.fit.seed,
        "epochs": len(history),
        "faces": len(learned.faces),
        "faces_without_labels": len(sets[1][0]) // 2 if len(sets) > 1 else 0,
        "crops": len(history) * len(batches) * config.fit.batch,
        "parameters": int(model.count_params()),
    }
    card = network_card(
        command,
        train.faces,
        training,
        measure(path).table(),
        metrics,
        side_px=config.network.side_px,
        zoom=config.zoom,
    )
    write_folder(target / NAME, path, LABELS, card)
    return rows


def point_loss(truth: Any, predicted: Any) -> Any:
    """The loss (n,): weighted mean distance of the points, in percent of the crop's side."""
    shape = (-1, COLUMNS // 2, 2)
    error = ops.reshape(predicted, shape) - ops.reshape(truth[:, :COLUMNS], shape)
    return ops.mean(length(error * PERCENT) * truth[:, COLUMNS:], axis=1)


def predict_points(network: LiteRTModel, split: Split, meshes: str, config: NetworkConfig) -> F32:
    """The points (n, 68, 2) in pixels, in the regions of the meshes of that name, as in use."""
    regions = regions_from_landmarks(Landmarks(MESH468, split.regions[meshes]))
    crops, _ = _cut_all(split.faces, regions, config)
    (answers,) = network(crops.astype(np.float32))
    side = config.network.side_px
    return in_frame(answers, region_matrices(inner_squares(regions, config.zoom), side), side)


def _whole(split: Split, config: NetworkConfig) -> tuple[F32, F32]:
    """Crops of all faces, not augmented, and their points with a weight of 1."""
    crops, points = _cut_all(split.faces, split.regions["mesh"], config)
    weights = np.ones((len(points), COLUMNS // 2), np.float32)
    return crops.astype(np.float32), np.concatenate([points, weights], axis=1)


def _cut_all(
    faces: Sequence[LabelledFace], regions: F32, config: NetworkConfig
) -> tuple[NDArray[np.uint8], F32]:
    """Crops (n, side, side, 3) and points (n, 136), see `cut`."""
    crops, points = zip(
        *(
            cut(face, region[None], config.network.side_px, config.zoom)
            for face, region in zip(faces, regions, strict=True)
        ),
        strict=True,
    )
    return np.stack(crops), np.stack(points)
