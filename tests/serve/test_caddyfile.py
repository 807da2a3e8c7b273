"""The configuration that Caddy gets, checked by Caddy itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from realtime.serve.caddyfile import Site, Upstream, caddyfile

CADDY = Path(sys.executable).with_name("caddy")
ONE = Upstream(name="w1", port=9001)
TWO = Upstream(name="w2", port=9002)
OLD = Upstream(name="w0", port=9000, draining=True)


def site(folder: Path, **options: object) -> Site:
    values = {"host": "localhost", "port": 8443, "tls": "internal", "folder": folder}
    return Site(**(values | options))  # type: ignore[arg-type]


@pytest.mark.parametrize("tls", ["auto", "internal", "off"])
@pytest.mark.parametrize("upstreams", [[ONE], [ONE, TWO], [ONE, TWO, OLD]])
def test_caddy_accepts_it(tmp_path: Path, tls: str, upstreams: list[Upstream]) -> None:
    file = tmp_path / "Caddyfile"
    file.write_text(caddyfile(site(tmp_path, tls=tls), upstreams))
    command = [str(CADDY), "validate", "--config", str(file), "--adapter", "caddyfile"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_new_visitors_never_meet_a_worker_that_is_draining(tmp_path: Path) -> None:
    text = caddyfile(site(tmp_path), [ONE, OLD])
    new = text[text.index("\thandle {") :]
    assert "127.0.0.1:9001" in new
    assert "127.0.0.1:9000" not in new
    assert "facestream_worker=w0" in text  # its own visitors still reach it


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({}, "https://localhost:8443"),
        ({"port": 443, "host": "faces.example.org"}, "https://faces.example.org"),
        ({"tls": "off", "port": 80}, "http://localhost"),
    ],
)
def test_the_address_of_the_site(tmp_path: Path, options: dict[str, object], url: str) -> None:
    assert site(tmp_path, **options).url == url
