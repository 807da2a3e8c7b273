"""Batches for the network of the 68 points: mirror images, weights, and the same batch again."""

from __future__ import annotations

from pathlib import Path

from tests.training.other_process import run_script

SCRIPT = """
import numpy as np
from tests.training.labelled import labelled
from training.landmarks.batches import OCCLUDED, MappedFaces, PointBatches

faces = [labelled(seed) for seed in range(3)]
mapped = np.stack([face.points for face in faces]) + np.float32(2)
both = MappedFaces(faces, mapped).with_mirrored()
assert len(both.faces) == 6

# A mirrored face is the mirror image, and its points and mapped points are where it shows them.
for one, other in zip(both.faces[:3], both.faces[3:]):
    assert np.array_equal(one.picture[:, ::-1], other.picture)
off = both.mapped - np.stack([face.points for face in both.faces])
np.testing.assert_allclose(off[:3], 2, atol=1e-3)
np.testing.assert_allclose(off[3:, :, 0], -2, atol=1e-3)
np.testing.assert_allclose(off[3:, :, 1], 2, atol=1e-3)

# True and mapped points, in the crop: right where the crop shows them, with a weight of 1.
crops, rows = both.cut(112, 1.2)
assert crops.shape == (6, 112, 112, 3)
assert (rows[:, 272:] == 1).all()
twice = MappedFaces(faces, mapped - np.float32(2)).cut(112, 1.2)[1]
np.testing.assert_allclose(twice[:, :136], twice[:, 136:272], atol=1e-5)

def batches(seed=0, first_epoch=0):
    return PointBatches([both, both], batches=2, side_px=112, zoom=1.2, batch=8, seed=seed,
                        first_epoch=first_epoch)

first, again, other = batches()[1], batches()[1], batches(seed=1)[1]
assert all(np.array_equal(a, b) for a, b in zip(first, again))
assert not np.array_equal(first[0], other[0])
resumed, gone_on = batches(first_epoch=1), batches()
gone_on.on_epoch_end()
assert all(np.array_equal(a, b) for a, b in zip(resumed[0], gone_on[0]))
weights = np.concatenate([batches(seed)[0][1][:, 272:] for seed in range(12)])
assert set(np.unique(weights)) == {np.float32(OCCLUDED), np.float32(1)}
"""


def test_batches_of_labelled_faces(tmp_path: Path) -> None:
    run_script(SCRIPT, tmp_path)
