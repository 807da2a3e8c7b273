"""`python -m training`: options and interruption."""

from __future__ import annotations

import argparse
from types import SimpleNamespace

import pytest

from training import __main__ as command_line


def interrupted(options: argparse.Namespace) -> str:
    raise KeyboardInterrupt


@pytest.mark.parametrize("resumable", [True, False])
def test_ctrl_c_recommends_resume_only_if_the_command_has_it(
    resumable: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def add_arguments(parser: argparse.ArgumentParser, _: str) -> None:
        if resumable:
            parser.add_argument("--resume", action="store_true")

    module = SimpleNamespace(add_arguments=add_arguments, run=interrupted)
    monkeypatch.setattr(command_line.importlib, "import_module", lambda name: module)
    assert command_line.main(["landmarks"]) == 130
    message = capsys.readouterr().err
    assert message.startswith("training: stopped.")
    assert ("--resume" in message) == resumable


@pytest.mark.parametrize("text", ["0", "-3"])
def test_numbers_below_one_are_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="not a positive number"):
        command_line.positive(text)
