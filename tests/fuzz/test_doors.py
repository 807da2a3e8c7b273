"""The short form: the corpus, with every crash ever found, and some damaged copies of it."""

from __future__ import annotations

import pytest

from tests.fuzz.campaign import run
from tests.fuzz.door import NAMES, corpus, load

INPUTS = {
    "photo": 1000,
    "video": 400,
    "api": 4000,
    "settings": 8000,
    "models": 2000,
    "recorder": 150,
}
HANGS_S = 60.0  # as the machine may be busy with other tests


@pytest.mark.parametrize("name", NAMES)
def test_no_input_crashes_a_door(name: str) -> None:
    findings = run(name, inputs=INPUTS[name], max_input_s=HANGS_S)
    assert findings.kinds == {}
    assert findings.inputs == INPUTS[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_corpus_has_valid_inputs(name: str) -> None:
    door = load(name)
    assert any(not door.refuses(data) for data in corpus(name))
