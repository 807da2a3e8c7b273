"""FaceStream's own detector: preparing the input and decoding the outputs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from realtime.detect.facestream import MAX_UPSCALE, cell_centres, decode, resize_and_pad


@given(st.integers(1, 900), st.integers(1, 900), st.sampled_from([320, 640]))
def test_picture_is_padded_to_whole_cells_and_enlarged_by_max_upscale(
    h: int, w: int, side: int
) -> None:
    picture, scale = resize_and_pad(np.full((h, w, 3), 200, np.uint8), side)
    assert picture.shape[0] % 32 == picture.shape[1] % 32 == 0
    assert (scale <= MAX_UPSCALE + 1 / min(h, w)).all()  # sides are whole pixels
    inner = picture[: max(1, round(h * scale[1])), : max(1, round(w * scale[0]))]
    assert (inner == 200).all()
    assert max(inner.shape[:2]) <= side


def test_cells_below_min_score_give_no_face() -> None:
    maps = [np.full((64 // s, 96 // s, 15), -5, np.float32) for s in (8, 16, 32)]
    faces = decode(maps, min_score=0.5)
    assert len(faces) == 0
    assert faces.keypoints is not None
    assert faces.keypoints.shape == (0, 5, 2)


def test_two_cells_on_one_face_give_one_face() -> None:
    maps = [np.full((64 // s, 96 // s, 15), -9, np.float32) for s in (8, 16, 32)]
    for x, logit in ((3, 2.0), (4, 1.0)):
        maps[0][2, x, 0] = logit
        centre = cell_centres(64, 96, 8).reshape(8, 12, 2)[2, x]
        maps[0][2, x, 1:3] = (np.array([32.0, 20.0]) - centre) / 8
        maps[0][2, x, 3:5] = np.log(24 / 8)
    faces = decode(maps, min_score=0.5)
    assert len(faces) == 1
    np.testing.assert_allclose(faces.xyxy[0], [20, 8, 44, 32], atol=1e-3)
    np.testing.assert_allclose(faces.score, 1 / (1 + np.exp(-2.0)), rtol=1e-5)
