"""The operator's settings: file, environment, and sentences for what is wrong."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from realtime.config import ConfigError, Settings, load_settings
from realtime.config.show import settings_table
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("FACESTREAM_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def load() -> Settings:
    return load_settings(os.environ)


def test_defaults_without_file_and_variables() -> None:
    settings = load()
    assert settings.max_viewers is None
    assert settings.ice_servers == ()
    assert settings.udp_ports is None


def test_a_variable_overrides_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("facestream.toml").write_text('max_viewers = 4\nudp_ports = "40000-40099"\n')
    monkeypatch.setenv("FACESTREAM_MAX_VIEWERS", "6")
    settings = load()
    assert settings.max_viewers == 6
    assert str(settings.udp_ports) == "40000-40099"


def test_another_file_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("max_viewers = 2")
    monkeypatch.setenv("FACESTREAM_CONFIG", "other.toml")
    assert load().max_viewers == 2


def test_ice_servers_take_one_url_or_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "FACESTREAM_ICE_SERVERS",
        '[{"urls": "stun:a"}, {"urls": ["turn:b"], "username": "me", "credential": "secret"}]',
    )
    assert [server.urls for server in load().ice_servers] == [("stun:a",), ("turn:b",)]


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("MAX_VIEWRS", "3", "did you mean FACESTREAM_MAX_VIEWERS"),
        ("SOMETHING", "3", "facestream config"),
        ("MAX_VIEWERS", "0", r"max_viewers \(or FACESTREAM_MAX_VIEWERS\)"),
        ("MAX_VIEWERS", "many", "valid integer"),
        ("UDP_PORTS", "5", 'use the form "40000-40199"'),
        ("UDP_PORTS", "40010-40000", "last port must not be below the first"),
        ("UDP_PORTS", "1-99999", "udp_ports"),
        ("ICE_SERVERS", "turn:a", "list in JSON"),
        ("ICE_SERVERS", '[{"urls": "http://a"}]', "each URL must start with stun:"),
        ("ICE_SERVERS", '[{"urls": []}]', "ice_servers"),
        ("TURN_SECRET", "x", "set both or neither"),
        ("CONFIG", "missing.toml", "cannot be read"),
    ],
)
def test_what_is_wrong_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(f"FACESTREAM_{variable}", value)
    with pytest.raises(ConfigError, match=sentence) as caught:
        load()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("max_viewer = 1", "did you mean max_viewers"),
        ("max_viewers = ", "not valid TOML"),
        ("max_viewers = 'x'", "max_viewers"),
    ],
)
def test_errors_in_the_file(text: str, sentence: str) -> None:
    Path("facestream.toml").write_text(text)
    with pytest.raises(ConfigError, match=sentence):
        load()


def test_the_table_is_toml_that_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACESTREAM_TURN_SECRET", "very-secret")
    monkeypatch.setenv("FACESTREAM_TURN_URLS", '["turn:turn.example.org"]')
    monkeypatch.setenv(
        "FACESTREAM_ICE_SERVERS", '[{"urls": "turn:b", "username": "me", "credential": "hidden"}]'
    )
    monkeypatch.setenv("FACESTREAM_ARCHIVES", 'C:\\a"b')
    table = settings_table(load())
    assert "very-secret" not in table
    assert "hidden" not in table
    values = tomllib.loads(table)
    assert values["turn_urls"] == ["turn:turn.example.org"]
    assert values["archives"] == 'C:\\a"b'
    assert all(f"FACESTREAM_{name.upper()}" in table for name in Settings.model_fields)


def test_the_documentation_lists_every_setting() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    for name, field in Settings.model_fields.items():
        assert f"| `{name}` | `FACESTREAM_{name.upper()}` | {field.description} |" in text
