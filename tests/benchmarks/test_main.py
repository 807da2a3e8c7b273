"""How a benchmark ends that cannot run."""

from __future__ import annotations

import argparse
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as command


@pytest.mark.parametrize(
    "log", ["", '\nCall log:\n  - waiting for locator("iframe") to be visible\n']
)
def test_a_page_that_does_not_do_what_is_expected_is_a_sentence(
    log: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = pytest.importorskip("playwright.sync_api")

    def run(_: argparse.Namespace) -> None:
        raise errors.TimeoutError(f"Page.wait_for_selector: Timeout 60000ms exceeded.{log}")

    fake = SimpleNamespace(add_arguments=lambda _: None, run=run)
    monkeypatch.setattr(command, "load_benchmark", lambda _: fake)
    assert command.main(["soak"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("The benchmark cannot run: a page did not do what was expected.")
    assert ("waiting for locator" in line) == bool(log)
