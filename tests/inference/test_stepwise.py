"""Networks that run in steps give what they give in one."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from realtime.core.arrays import F32
from realtime.detect.facestream import STEPS, network_file
from realtime.inference.litert import DynamicLiteRTModel
from realtime.inference.split import split_network
from realtime.inference.stepwise import StepwiseModel


def pictures(seed: int, size_wh: tuple[int, int] = (96, 64)) -> F32:
    width, height = size_wh
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 255, (1, height, width, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def whole() -> DynamicLiteRTModel:
    return DynamicLiteRTModel(network_file())


@pytest.fixture(scope="module")
def stepwise() -> StepwiseModel:
    return StepwiseModel(network_file(), steps=STEPS)


@pytest.mark.parametrize("size_wh", [(96, 64), (64, 64), (160, 96), (320, 64)])
def test_outputs_are_those_of_the_whole_network(
    size_wh: tuple[int, int], whole: DynamicLiteRTModel, stepwise: StepwiseModel
) -> None:
    picture = pictures(1, size_wh)
    *early, last = stepwise.run(picture)
    assert early == [None] * (STEPS - 1)
    assert last is not None
    for found, expected in zip(last, whole(picture), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_runs_that_are_under_way_at_once_do_not_mix(
    whole: DynamicLiteRTModel, stepwise: StepwiseModel
) -> None:
    first, second = pictures(1), pictures(2)
    runs = [stepwise.run(first), stepwise.run(second)]
    for _ in range(STEPS - 1):
        assert [next(run) for run in runs] == [None, None]
    for run, picture in zip(runs, (first, second), strict=True):
        last = next(run)
        assert last is not None
        np.testing.assert_array_equal(last[0], whole(picture)[0])


def test_a_run_that_is_given_up_leaves_nothing_behind(
    whole: DynamicLiteRTModel, stepwise: StepwiseModel
) -> None:
    list(islice(stepwise.run(pictures(3)), 2))
    *_, last = stepwise.run(pictures(4))
    assert last is not None
    np.testing.assert_array_equal(last[0], whole(pictures(4))[0])


def test_parts_share_no_work_and_each_has_some() -> None:
    split = split_network(network_file(), STEPS)
    assert len(split.parts) == STEPS
    made = [i for part in split.parts for i in part.outputs]
    assert len(made) == len(set(made))
    assert set(split.outputs) <= set(made)
    sizes = [len(part.content) for part in split.parts]
    assert sum(sizes) < 1.5 * network_file().stat().st_size  # weights are not copied to each part


def test_one_part_is_the_whole_network(whole: DynamicLiteRTModel) -> None:
    (outputs,) = StepwiseModel(network_file(), steps=1).run(pictures(5))
    assert outputs is not None
    np.testing.assert_array_equal(outputs[0], whole(pictures(5))[0])
