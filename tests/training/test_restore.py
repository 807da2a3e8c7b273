"""Weights of an exported network, loaded back: it answers as before, and training can go on."""

from __future__ import annotations

from pathlib import Path

from tests.training.other_process import run_script

SCRIPT = """
import keras, numpy as np, pytest
from pathlib import Path
from realtime.inference.litert import LiteRTModel
from training.data import DataError
from training.export import to_litert
from training.networks import NetworkSpec, build
from training.restore import restore

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
crops = rng.integers(0, 256, (64, 24, 24, 1)).astype("uint8")
spec = NetworkSpec(24, 1, 3, widths=(16, 16, 32), blocks=(2, 1))
model = build(spec)
for layer in model.layers:  # statistics and gains as after training
    if isinstance(layer, keras.layers.BatchNormalization):
        shapes = [w.shape for w in layer.get_weights()]
        layer.set_weights([rng.uniform(0.5, 1.5, s) for s in shapes])
to_litert(model, Path("model.tflite"), int8=True)
exported = LiteRTModel(Path("model.tflite"))(crops.astype("float32"))[0]

restored = build(spec)
restore(restored, Path("model.tflite"), crops)
answers = restored.predict(crops.astype("float32"), verbose=0)
np.testing.assert_allclose(answers, exported, atol=0.05)
assert np.abs(answers - exported).mean() < 0.01

# In training mode, too: the statistics are those of these crops.
trained = np.array(restored(crops.astype("float32"), training=True))
assert np.abs(trained - exported).mean() < 0.2

with pytest.raises(DataError, match="does not contain a network of this shape"):
    other = build(NetworkSpec(24, 1, 3, widths=(16, 16, 48), blocks=(2, 1)))
    restore(other, Path("model.tflite"), crops)
with pytest.raises(DataError, match="contains another network: 2 of its layers"):
    shallower = build(NetworkSpec(24, 1, 3, widths=(16, 16, 32), blocks=(1, 1)))
    restore(shallower, Path("model.tflite"), crops)
"""

# Two pictures of another kind among 320.
OUTLIERS = """
import keras, numpy as np
from pathlib import Path
from training.export import to_litert
from training.mesh.network import MeshSpec, build
from training.restore import restore

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
crops = rng.normal(128, 4, (320, 32, 32, 3)).clip(0, 255).astype("uint8")
crops[:2] = rng.choice([0, 255], (2, 32, 32, 3))
spec = MeshSpec(side_px=32)
model = build(spec)
to_litert(model, Path("model.tflite"), int8=True)
restore(model, Path("model.tflite"), crops)
usual = crops[64:128].astype("float32")
inferred, trained = (np.array(model(usual, training=t)) for t in (False, True))
assert np.abs(trained - inferred).mean() < 0.2 * inferred.std(), np.abs(trained - inferred).mean()
"""


def test_restored_network_answers_as_the_exported_one(tmp_path: Path) -> None:
    run_script(SCRIPT, tmp_path)


def test_unusual_pictures_do_not_change_how_training_begins(tmp_path: Path) -> None:
    run_script(OUTLIERS, tmp_path)
