"""Any query string or file name is either parsed or rejected with a message."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict

from realtime.attribute.registry import ATTRIBUTES, default_names
from realtime.detect import DETECTORS
from realtime.engine.acceptance import min_photo_score
from realtime.web.errors import RequestError
from realtime.web.uploads import QueryOptions, _display_name, parse_query

OPTIONS = ("landmarks", "unsure", "thorough")
FLAGS = (*ATTRIBUTES, *OPTIONS)
values = st.one_of(st.sampled_from(["true", "0", "1", "FALSE", "nan", "0.5", "inf"]), st.text())
names = st.one_of(st.sampled_from([*FLAGS, "detector", "min_score"]), st.text())


@given(st.lists(st.tuples(names, values), max_size=6))
def test_any_query_is_parsed_or_rejected(pairs: list[tuple[str, str]]) -> None:
    error = None
    try:
        options = parse_query(MultiDict(pairs))
    except RequestError as raised:
        error = raised
    if error is not None:
        assert error.status == 400
        assert error.message.endswith(".")
        return
    assert options.detector in DETECTORS
    assert 0 < min_photo_score(options.settings()) < 1


@given(st.fixed_dictionaries({}, optional={flag: st.booleans() for flag in FLAGS}))
def test_flags_round_trip(flags: dict[str, bool]) -> None:
    query = MultiDict({name: str(value) for name, value in flags.items()})
    options = {name: on for name, on in flags.items() if name in OPTIONS}
    on = {name for name in ATTRIBUTES if flags.get(name, name in default_names())}
    assert parse_query(query) == QueryOptions(attributes=frozenset(on), **options)


def test_display_name_drops_folders() -> None:
    assert _display_name(FileStorage(filename="C:\\a\\b\x00c.png")) == "bc.png"
    assert _display_name(FileStorage(filename="../../etc/")) == "image"


@given(st.text())
def test_display_name_is_short_and_printable(name: str) -> None:
    displayed = _display_name(FileStorage(filename=name))
    assert 0 < len(displayed) <= 200
    assert displayed.isprintable()
    assert "/" not in displayed
