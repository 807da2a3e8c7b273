"""A new attribute takes one registry entry and a network: it then appears everywhere."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import models
from realtime.attribute.registry import ATTRIBUTES, Attribute
from realtime.core.arrays import Frame
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo
from realtime.engine.pipeline import Pipeline
from realtime.output.records import face_record
from realtime.output.tables import FaceTable
from realtime.render.captions import captions
from realtime.ui.live.faces import readout_html
from realtime.ui.photo.card import photo_card_html
from realtime.ui.photo.link import from_query, to_query
from realtime.video.people import people

GLASSES = Attribute(
    name="glasses",
    labels=("no_glasses", "glasses"),
    title="Glasses",
    control="Glasses",
    help="Classify whether glasses are worn.",
    smoothing_s=0.5,
    default_on=True,
    captions={"no_glasses": "no glasses"},
)
SIDE_PX = 16


@pytest.fixture(scope="module")
def tiny_network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that always answers "glasses" with a probability of 0.9."""
    import keras

    from training.export import to_litert

    crop = keras.Input((SIDE_PX, SIDE_PX, 1))
    bias = keras.initializers.Constant(np.log([0.1, 0.9]))
    dense = keras.layers.Dense(
        2, activation="softmax", kernel_initializer="zeros", bias_initializer=bias
    )
    path = tmp_path_factory.mktemp("network") / "model.tflite"
    to_litert(keras.Model(crop, dense(keras.layers.Flatten()(crop))), path)
    return path


@pytest.fixture(autouse=True)
def registered(tiny_network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "models"
    shutil.copytree(models.ROOT, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    folder = root / "glasses"
    folder.mkdir()
    shutil.copy(tiny_network, folder / "model.tflite")
    (folder / "labels.txt").write_text("\n".join(GLASSES.labels) + "\n")
    digest = hashlib.sha256(tiny_network.read_bytes()).hexdigest()
    (folder / "card.toml").write_text(
        f'sha256 = "{digest}"\nlabels = ["no_glasses", "glasses"]\n'
        f"[input]\nside_px = {SIDE_PX}\nchannels = 1\nzoom = 1.0\n"
    )
    monkeypatch.setattr(models, "ROOT", root)
    monkeypatch.setitem(ATTRIBUTES, GLASSES.name, GLASSES)


def test_it_is_in_a_photos_json_caption_and_card(astronaut: Frame) -> None:
    faces = analyze_photo(Networks(), astronaut).faces
    record = face_record(faces, 0)
    assert list(record)[-3:] == ["mask", "emotion", "glasses"]
    assert record["glasses"]["label"] == "glasses"
    assert record["glasses"]["probs"]["glasses"] == pytest.approx(0.9, abs=0.01)
    assert captions(faces, 0)[-1] == "glasses 90%"
    assert "<h5>Glasses</h5>" in photo_card_html(faces, 0, b"")


def test_it_is_smoothed_in_a_stream_and_in_its_table(astronaut: Frame) -> None:
    pipeline, table = Pipeline(Networks()), FaceTable()
    for i in range(10):
        table.add(pipeline.process(astronaut, i / 10), i)
    result = pipeline.process(astronaut, 1.0)
    assert "glasses 90%" in readout_html(result.faces)
    columns = table.columns()
    assert columns["glasses"][-1] == "glasses"
    assert columns["glasses_glasses"][-1] == pytest.approx(0.9, abs=0.01)
    assert people(table.rows())[0].labels["glasses"] == ("glasses", 1.0)


def test_it_can_be_switched_off(astronaut: Frame) -> None:
    settings = AnalysisSettings(attributes=frozenset({"mask"}))
    assert face_record(analyze_photo(Networks(), astronaut, settings).faces, 0)["glasses"] is None
    view = from_query({"glasses": "false"})
    assert view.settings.attributes == {"mask", "emotion"}
    assert to_query(view) == {"glasses": "false"}


def test_the_api_documents_and_takes_it() -> None:
    from werkzeug.datastructures import MultiDict

    from realtime.web.openapi import document
    from realtime.web.uploads import parse_query

    described = document()
    parameters = described["paths"]["/api/v1/analyze"]["post"]["parameters"]
    assert "glasses" in [parameter["name"] for parameter in parameters]
    face = described["components"]["schemas"]["Face"]
    assert "glasses" in face["properties"]
    assert "glasses" in face["required"]
    settings = parse_query(MultiDict([("glasses", "false")])).settings()
    assert settings.attributes == {"mask", "emotion"}


def live() -> None:
    from realtime.ui.live.controls import live_controls

    live_controls()


def photo() -> None:
    from realtime.ui.photo.controls import photo_controls

    photo_controls()


def video() -> None:
    from realtime.ui.video.controls import video_controls

    video_controls()


@pytest.mark.parametrize("script", [live, photo, video])
def test_every_page_has_a_switch_for_it(script: Callable[[], None]) -> None:
    page = AppTest.from_function(script, default_timeout=30).run()
    assert not page.exception
    assert "Glasses" in [toggle.label for toggle in page.toggle]
