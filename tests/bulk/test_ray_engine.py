"""The Ray engine, on a cluster of two nodes on this machine: the same rows as the local one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from realtime.bulk.run import Archive, run_archive
from tests.bulk.conftest import Analysed, all_rows

pytestmark = [pytest.mark.serial, pytest.mark.timeout(600)]  # of which Ray's start is the most


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """Two nodes of one core each, joined by this process."""
    os.environ |= {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(16),
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    import ray
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 80_000_000}
    nodes = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    nodes.add_node(**node)
    nodes.wait_for_nodes()
    ray.init(address=nodes.address, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()
    nodes.shutdown()


@pytest.mark.usefixtures("cluster")
def test_both_engines_give_the_same_rows_and_go_on_with_each_others(
    analysed: Analysed, tmp_path: Path
) -> None:
    archive = Archive(
        sources=(str(analysed.sources),),
        folder=tmp_path / "out",
        job=analysed.job,
        engine="ray",
        workers=2,
    )
    begun = []
    totals = run_archive(archive, on_item=lambda: begun.append(1))
    assert len(begun) == totals.rows
    local = all_rows(analysed.folder)
    assert all_rows(archive.folder).equals(local)
    assert totals.failed_rows == 1
    assert totals.errors[0][0].endswith("bad.jpg")

    import ray

    assert len([node for node in ray.nodes() if node["Alive"]]) == 2
    # Either engine goes on where the other has stopped.
    sorted(archive.folder.glob("part-*"))[0].unlink()
    again = run_archive(replace(archive, engine="local"))
    assert 0 < again.rows < totals.rows
    assert all_rows(archive.folder).equals(local)
