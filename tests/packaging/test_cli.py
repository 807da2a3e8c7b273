"""The command `facestream`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime import cli


@pytest.mark.parametrize("argument", ["-h", "--help"])
def test_help_lists_all_commands(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([argument]) == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: facestream COMMAND")
    assert all(f"  {name} " in out for name in cli.COMMANDS)


@pytest.mark.parametrize("argv", [[], ["foto"]])
def test_wrong_usage_is_exit_code_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "usage: facestream COMMAND" in err
    assert "'foto'" in err or not argv


def test_photo_is_the_module_s_command(
    astronaut_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["photo", str(astronaut_file), "--json", "-"]) == 0
    (picture,) = json.loads(capsys.readouterr().out)
    assert picture["path"] == str(astronaut_file)
    assert picture["faces"][0]["emotion"]["label"] == "happy"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("video", "OUT.mp4"),
        ("bulk", "--shard"),
        ("ask", "SQL"),
        ("web", "--threads"),
        ("bench", "latency"),
        ("train", "emotion"),
    ],
)
def test_each_command_shows_its_own_help(
    name: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_info:
        cli.main([name, "--help"])
    assert exit_info.value.code == 0
    assert sentence in capsys.readouterr().out


def test_app_runs_streamlit_on_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    def fake(args: list[str], *, standalone_mode: bool) -> None:
        assert not standalone_mode
        calls.append(args)

    monkeypatch.setattr("streamlit.web.cli.main", fake)
    assert cli.main(["app", "--server.port", "9000"]) == 0
    ((run, script, *rest),) = calls
    assert run == "run"
    assert Path(script).name == "stream_app.py"
    assert Path(script).is_file()
    assert rest == ["--server.port", "9000"]
