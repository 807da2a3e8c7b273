"""The make targets that serve listen on this machine only, unless HOST says otherwise."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("target", "option"), [("app", "--server.address {}"), ("web", "--host {}")]
)
@pytest.mark.parametrize("host", [None, "0.0.0.0"])
def test_host_is_localhost_unless_given(target: str, option: str, host: str | None) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "HOST"}
    if host is not None:
        environment["HOST"] = host
    commands = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert option.format(host or "localhost") in commands.stdout
