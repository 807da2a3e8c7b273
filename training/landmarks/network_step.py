"""Train the network of the 68 points, evaluate it on the test faces and write its model folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

import models
from models import NETWORK
from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from realtime.landmark import facestream_mesh
from realtime.landmark.cnn68 import COLUMNS, NAME, crop_matrices, in_frame
from realtime.landmark.mesh68 import MeshTo68
from training.export import measure, to_litert, write_folder
from training.fit import FitConfig, Resume, fit
from training.landmarks.batches import MappedFaces, PointBatches
from training.landmarks.card import LABELS, network_card, score_table
from training.landmarks.errors import face_errors, score
from training.landmarks.faces import Split
from training.landmarks.network import build, start_from_mesh
from training.landmarks.search import split_validation
from training.landmarks.unlabelled import UNLABELLED, read_unlabelled
from training.mesh.loss import length
from training.mesh.network import MeshSpec
from training.teachers import load_weights

PERCENT = 100.0  # points are in sides of the crop; errors count in percent of it
SHARES = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
MESHES = {"detector": "landmarks", "box": "own"}  # by the source of their first region


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """Settings of a run.

    Attributes:
        fit: optimizer and schedule.
        network: the architecture, which is the mesh's.
        zoom: side of a face's region over that of the part that the network sees; the mesh's.
        batches: batches an epoch.
        mesh: folder of the mesh's model, whose weights are the start.
        teacher: run folder of a network whose answers on faces without labels are learned as well;
            None to learn from the labelled faces alone.
    """

    fit: FitConfig = field(
        default_factory=lambda: FitConfig(
            epochs=60,
            batch=32,
            rate=4e-4,
            decay=1e-2,
            ema=0.998,
            plateau=1000,  # the cosine alone: its end is planned
            patience=1000,
            precision="float32",
        )
    )
    network: MeshSpec = field(default_factory=MeshSpec)
    zoom: float = 1.2
    batches: int = 110
    mesh: Path = field(default_factory=lambda: models.load(facestream_mesh.NAME).path.parent)
    teacher: Path | None = None


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
    run = folder / NAME
    run.mkdir(parents=True, exist_ok=True)
    state = Resume.read(run) if resume else None
    learned, validation = split_validation(splits["train"])
    faces = mapped_faces(learned).with_mirrored()
    side_px, zoom = config.network.side_px, config.zoom
    keras.utils.set_random_seed(config.fit.seed)
    model = build(config.network)
    if state is None:
        start_from_mesh(model, config.network, config.mesh, *faces.cut(side_px, zoom))
    sets = [faces]
    if config.teacher is not None:
        teacher = build(config.network)
        load_weights(teacher, config.teacher)
        sets.append(read_unlabelled(data, teacher, zoom, limit=limit).with_mirrored())
    batches = PointBatches(
        sets,
        batches=config.batches,
        side_px=side_px,
        zoom=zoom,
        batch=config.fit.batch,
        seed=config.fit.seed,
        first_epoch=0 if state is None else len(state.history),
    )
    crops, rows = mapped_faces(validation).cut(side_px, zoom)
    pair = (crops.astype(np.float32), rows)
    history = fit(model, batches, pair, config.fit, run, state=state, loss=point_loss)
    path = run / NETWORK
    to_litert(model, path, int8=True)
    network = LiteRTModel(path)
    share = best_share(network, validation, config)
    metrics = {}
    for name, meshes in MESHES.items():
        points = predict_points(network, splits["test"], meshes, config, share)
        metrics[f"helen_test_from_{name}"] = score_table(score(points, splits["test"].points))
    training = {
        "seed": config.fit.seed,
        "epochs": len(history),
        "faces": len(learned.faces),
        "faces_without_labels": sum(len(one.faces) for one in sets[1:]) // 2,
        "crops": len(history) * len(batches) * config.fit.batch,
        "parameters": int(model.count_params()),
    }
    card = network_card(
        command,
        splits["train"].faces,
        training,
        measure(path).table(),
        metrics,
        share=share,
        unlabelled=[] if config.teacher is None else UNLABELLED,
        side_px=side_px,
        zoom=zoom,
    )
    write_folder(target / NAME, path, LABELS, card)
    return [{"mesh from": name, **metrics[f"helen_test_from_{name}"]} for name in MESHES]


def mapped_faces(split: Split) -> MappedFaces:
    """The faces of a split with the shipped map's points, each by two meshes."""
    mapped = [MeshTo68.load()(split.regions[meshes]) for meshes in MESHES.values()]
    return MappedFaces([*split.faces, *split.faces], np.concatenate(mapped))


def point_loss(truth: Any, predicted: Any) -> Any:
    """The loss (n,): weighted mean distance of the points, in percent of the crop's side.

    The points are the mean of mapped and predicted ones: the network learns what the map lacks.
    """
    points = (truth[:, COLUMNS : 2 * COLUMNS] + predicted) / 2
    error = ops.reshape(points - truth[:, :COLUMNS], (-1, COLUMNS // 2, 2))
    return ops.mean(length(error * PERCENT) * truth[:, 2 * COLUMNS :], axis=1)


def best_share(network: LiteRTModel, split: Split, config: NetworkConfig) -> float:
    """The network's share in the answer with the lowest mean error on these faces.

    On faces that it has not seen, the network errs more than on those of its training, the map does
    not: the best share is below the half with which it was trained.
    """
    ends = [
        [predict_points(network, split, meshes, config, share) for share in (0.0, 1.0)]
        for meshes in MESHES.values()
    ]

    def error(share: float) -> float:
        blended = [mapped + share * (seen - mapped) for mapped, seen in ends]
        return float(np.mean([face_errors(points, split.points).mean() for points in blended]))

    return min(SHARES, key=error)


def predict_points(
    network: LiteRTModel, split: Split, meshes: str, config: NetworkConfig, share: float
) -> F32:
    """The points (n, 68, 2) in pixels, from the meshes of that name, as in use."""
    side_px, zoom = config.network.side_px, config.zoom
    mapped = MappedFaces(split.faces, MeshTo68.load()(split.regions[meshes]))
    (answers,) = network(mapped.cut(side_px, zoom)[0].astype(np.float32))
    seen = in_frame(answers, crop_matrices(mapped.mapped, side_px, zoom), side_px)
    return np.asarray(mapped.mapped + share * (seen - mapped.mapped), np.float32)
