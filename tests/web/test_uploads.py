"""Whatever a query or a name holds, it is parsed or refused in a sentence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict

from realtime.attribute.registry import ATTRIBUTES, default_names
from realtime.detect import DETECTORS
from realtime.engine.acceptance import min_photo_score
from realtime.web.errors import RequestError
from realtime.web.uploads import Switches, _shown, parse_switches

OPTIONS = ("landmarks", "unsure", "thorough")
FLAGS = (*ATTRIBUTES, *OPTIONS)
words = st.one_of(st.sampled_from(["true", "0", "1", "FALSE", "nan", "0.5", "inf"]), st.text())
names = st.one_of(st.sampled_from([*FLAGS, "detector", "min_score"]), st.text())


@given(st.lists(st.tuples(names, words), max_size=6))
def test_any_query_is_parsed_or_refused(pairs: list[tuple[str, str]]) -> None:
    error = None
    try:
        switches = parse_switches(MultiDict(pairs))
    except RequestError as told:
        error = told
    if error is not None:
        assert error.status == 400
        assert error.message.endswith(".")
        return
    assert switches.detector in DETECTORS
    assert 0 < min_photo_score(switches.settings()) < 1


@given(st.fixed_dictionaries({}, optional={flag: st.booleans() for flag in FLAGS}))
def test_flags_are_read_back(flags: dict[str, bool]) -> None:
    query = MultiDict({name: str(value) for name, value in flags.items()})
    options = {name: on for name, on in flags.items() if name in OPTIONS}
    on = {name for name in ATTRIBUTES if flags.get(name, name in default_names())}
    assert parse_switches(query) == Switches(attributes=frozenset(on), **options)


def test_folders_of_either_kind_are_left_out() -> None:
    assert _shown(FileStorage(filename="C:\\a\\b\x00c.png")) == "bc.png"
    assert _shown(FileStorage(filename="../../etc/")) == "image"


@given(st.text())
def test_a_shown_name_is_short_and_printable(name: str) -> None:
    shown = _shown(FileStorage(filename=name))
    assert 0 < len(shown) <= 200
    assert shown.isprintable()
    assert "/" not in shown
