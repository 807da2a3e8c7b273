"""The recipes in deploy/, each checked by a tool that reads its format, and against the code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from realtime.config import Settings
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
KUBERNETES = sorted(DEPLOY.glob("kubernetes/*.yaml"))


def run(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    run(BIN / "hadolint", DEPLOY / "Dockerfile")


def test_the_image_runs_without_root_and_is_checked() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.search(r"^USER \d+$", text, re.M)
    assert "HEALTHCHECK" in text
    assert "EXPOSE 8501" in text


def test_everything_that_the_dockerfile_copies_exists_and_is_sent_to_the_builder() -> None:
    sent = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    for line in (DEPLOY / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
                assert any(entry.startswith(f"!{source}") for entry in sent), source


@pytest.mark.parametrize("path", KUBERNETES, ids=lambda p: p.name)
def test_kubernetes_accepts_the_manifests(path: Path) -> None:
    run(BIN / "kubernetes-validate", "--strict", path)


def test_pods_have_probes_limits_and_few_rights() -> None:
    documents = list(yaml.safe_load_all((DEPLOY / "kubernetes/facestream.yaml").read_text()))
    deployment = next(d for d in documents if d["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"] == "/healthz"
    assert set(container["resources"]) == {"requests", "limits"}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "facestream.service"
    text = (DEPLOY / "facestream.service").read_text()
    unit.write_text(text.replace("/opt/facestream/.venv/bin/python", sys.executable))
    assert run("systemd-analyze", "verify", unit) == ""


def test_caddy_accepts_the_caddyfile_of_the_compose_file() -> None:
    text = (DEPLOY / "Caddyfile").read_text().replace("{$HOST}", "localhost")
    command = [str(BIN / "caddy"), "adapt", "--config", "-", "--adapter", "caddyfile"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_setting_that_a_recipe_names_exists() -> None:
    known = {f"FACESTREAM_{name.upper()}" for name in Settings.model_fields}
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            named = set(re.findall(r"\bFACESTREAM_[A-Z_]+\b", path.read_text()))
            assert named <= known, path


def test_compose_services_restart_and_write_only_where_they_must() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert set(compose["services"]) == {"app", "caddy", "coturn", "prometheus", "grafana"}
    assert all(service["restart"] for service in compose["services"].values())
    assert compose["services"]["app"]["read_only"] is True
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).is_file(), source


def test_the_dashboard_asks_for_metrics_that_exist() -> None:
    from prometheus_client import REGISTRY

    import realtime.live.metrics  # noqa: F401
    from realtime.web.metrics import Metrics

    Metrics(registry := type(REGISTRY)())
    known = {m.name for each in (REGISTRY, registry) for m in each.collect()}
    dashboard = json.loads((DEPLOY / "grafana/facestream.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    for query in queries:
        for name in re.findall(r"\b(?:facestream|process)_[a-z_]+", query):
            assert re.sub("_(total|bucket|sum|count)$", "", name) in known, name
