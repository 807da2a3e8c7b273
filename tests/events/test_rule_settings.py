"""Rules from files and from the command line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.events.rule_settings import (
    MAX_RULES,
    attributes_of,
    check_rules,
    make_rule,
    parse_rule,
    read_rules,
)
from realtime.events.rules import EmotionAbove, MaskMissing, Person, RuleError, UnsureTooLong

FILE = """
[[rule]]
kind = "mask_missing"
for_s = 5

[[rule]]
kind = "emotion"
name = "sad for long"
emotion = "sad"
threshold = 0.8
"""


def test_a_file_of_rules(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(FILE)
    assert read_rules(path) == [
        MaskMissing(for_s=5.0),
        EmotionAbove(name="sad for long", emotion="sad", threshold=0.8),
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[[rule]]\nkind = "mask_mising"', "there is no rule 'mask_mising'; did you mean 'mask_mi"),
        ('[[rule]]\nkind = "person"\nfor_sec = 2', "no key 'for_sec'; did you mean 'for_s'?"),
        ('[[rules]]\nkind = "person"', "there is no key 'rules'; did you mean 'rule'?"),
        ("[[rule]]\nfor_s = 2", "A rule has no kind"),
        ("", "has no rules"),
        ("rule = 3", "write each rule as a table"),
        ('[[rule]]\nkind = "person"\nfor_s = "2"', "for_s must be a number, got '2'"),
        ('[[rule]]\nkind = "person"\nfor_s = -1', "for_s must be between 0 and 86400, got -1"),
        ('[[rule]]\nkind = "person"\nfor_s = nan', "for_s must be between"),
        ('[[rule]]\nkind = "emotion"\nemotion = "joy"', "emotion must be one of angry"),
        ('[[rule]]\nkind = "unsure"\nattribute = "age"', "attribute must be one of mask"),
        ('[[rule]]\nkind = "person"\nname = "a/b"', "without / + #"),
        ('[[rule]]\nkind = "person"\n[[rule]]\nkind = "person"', "Two rules have the name"),
        ("[[rule", "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_one_sentence_that_helps(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(RuleError) as error:
        read_rules(path)
    assert sentence in str(error.value)
    assert str(path) in str(error.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read: No such file"):
        read_rules(tmp_path / "none.toml")
    (tmp_path / "large.toml").write_text("#" * 200_000)
    with pytest.raises(RuleError, match="too large"):
        read_rules(tmp_path / "large.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe9")
    with pytest.raises(RuleError, match="not valid TOML"):
        read_rules(tmp_path / "latin.toml")


def test_rules_on_the_command_line() -> None:
    assert parse_rule("person") == Person()
    assert parse_rule("mask_missing:for_s=2,incorrect=true") == MaskMissing(
        for_s=2.0, incorrect=True
    )
    with pytest.raises(RuleError, match="KEY=VALUE"):
        parse_rule("person:2")
    with pytest.raises(RuleError, match="twice"):
        parse_rule("person:for_s=2,for_s=3")


@given(st.text(max_size=40) | st.from_regex(r"(person|emotion):\w*=[\w.]*(,\w*=\w*)?"))
def test_any_text_is_a_rule_or_one_sentence(text: str) -> None:
    with suppress(RuleError):
        parse_rule(text)


@given(
    st.dictionaries(
        st.sampled_from(["kind", "name", "for_s", "emotion", "other"]),
        st.none() | st.booleans() | st.floats() | st.text() | st.lists(st.integers()),
    )
)
def test_any_table_is_a_rule_or_one_sentence(entry: dict[str, object]) -> None:
    with suppress(RuleError):
        make_rule(entry)


def test_the_number_of_rules_is_limited() -> None:
    with pytest.raises(RuleError, match=f"at most {MAX_RULES}"):
        check_rules(Person(name=str(k)) for k in range(MAX_RULES + 1))


def test_what_rules_need() -> None:
    assert attributes_of([Person()]) == frozenset()
    assert attributes_of([MaskMissing(), UnsureTooLong(attribute="gender")]) == {"mask", "gender"}
