"""The local engine: every file is one row, whatever happens to the run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from realtime.bulk.ask import Results
from realtime.bulk.claim import Claim, claim_folder, holds_claim
from realtime.bulk.engine import Totals, split
from realtime.bulk.errors import BulkError
from realtime.bulk.job import Job
from realtime.bulk.local import run_local
from realtime.bulk.manifest import Item
from realtime.bulk.run import Archive, estimate, run_archive
from realtime.bulk.schema import PHOTO
from realtime.bulk.worker_process import ENDED
from realtime.core.arrays import Frame
from tests.bulk.conftest import PHOTOS, Analysed, all_rows, write_photos
from tests.conftest import ROOT

KILLS = 4


def named_items(*names: str) -> list[Item]:
    return [Item(item_id=f"{k:024d}", path=name, kind=PHOTO) for k, name in enumerate(names)]


def run_again(analysed: Analysed, folder: Path, *sources: Path) -> tuple[int, int]:
    """Rows analysed by another run, and its items."""
    plans = []
    archive = Archive(sources=tuple(map(str, sources)), folder=folder, job=analysed.job)
    totals = run_archive(archive, on_plan=plans.append)
    return totals.rows, plans[0].total


@pytest.fixture
def quick_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers write rows without faces."""
    quick = partial(run_local, module="tests.bulk.dying_worker")
    monkeypatch.setattr("realtime.bulk.run.run_local", quick)


def test_each_file_is_one_row(analysed: Analysed) -> None:
    rows = all_rows(analysed.folder)
    ids = rows["item_id"].to_pylist()
    assert len(ids) == len(set(ids)) == PHOTOS + 1 + 2
    photos = [row for row in rows.to_pylist() if row["kind"] == "photo" and not row["error"]]
    assert len(photos) == PHOTOS
    for row in photos:
        (face,) = row["faces"]
        assert face["mask"]["label"]
        assert abs(sum(face["emotion"]["probs"].values()) - 1) < 0.01
        assert face["gender"] is None
        assert face["points"] is None
        assert row["width"] == row["height"]
        assert row["crops"][0][8:12] == b"WEBP"


def test_a_bad_file_is_a_row_with_an_error(analysed: Analysed) -> None:
    (bad,) = [row for row in all_rows(analysed.folder).to_pylist() if row["error"]]
    assert bad["path"].endswith("bad.jpg")
    assert bad["faces"] is None
    assert bad["error"].endswith(".")


@pytest.mark.usefixtures("quick_workers")
def test_nothing_is_done_twice_and_only_what_is_missing_is_done(
    analysed: Analysed, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    source = analysed.sources / "day1"
    assert run_again(analysed, folder, source) == (PHOTOS // 2, PHOTOS // 2)
    assert run_again(analysed, folder, source, source / "p001.jpg") == (0, PHOTOS // 2)
    before = all_rows(folder)
    next(iter(folder.glob("part-*"))).unlink()
    rows, _ = run_again(analysed, folder, source)
    assert 0 < rows
    assert all_rows(folder).equals(before)


@pytest.mark.usefixtures("quick_workers")
def test_a_file_that_changed_is_analysed_again(
    analysed: Analysed, tmp_path: Path, hopper: Frame
) -> None:
    write_photos(tmp_path / "in", [hopper], count=2)
    assert run_again(analysed, tmp_path / "out", tmp_path / "in") == (2, 2)
    os.utime(tmp_path / "in/day0/p000.jpg", ns=(10**18, 10**18))
    assert run_again(analysed, tmp_path / "out", tmp_path / "in") == (1, 2)


@pytest.mark.usefixtures("quick_workers")
def test_shards_share_the_files_and_a_folder(analysed: Analysed, tmp_path: Path) -> None:
    totals = [
        run_archive(Archive(sources=(str(analysed.sources),), folder=tmp_path, shard=(k, 2)))
        for k in (1, 2)
    ]
    assert all(total.rows > 0 for total in totals)
    rows = all_rows(tmp_path)
    assert len(rows) == sum(total.rows for total in totals) == PHOTOS + 1 + 2
    assert len(set(rows["item_id"].to_pylist())) == len(rows)
    with Results(tmp_path) as results:
        assert results.rows("SELECT count(*) FROM items") == [(len(rows),)]
    # A shard goes on by itself.
    next(iter(tmp_path.glob("part-2-of-2-*"))).unlink()
    sources = (str(analysed.sources),)
    assert run_archive(Archive(sources=sources, folder=tmp_path, shard=(1, 2))).rows == 0
    assert run_archive(Archive(sources=sources, folder=tmp_path, shard=(2, 2))).rows > 0


def test_a_folder_of_other_shards_is_refused(tmp_path: Path) -> None:
    with claim_folder(tmp_path, (1, 4)):
        pass
    with pytest.raises(BulkError, match="--shard I/4"), claim_folder(tmp_path, (1, 2)):
        pass


@pytest.mark.usefixtures("quick_workers")
def test_retry_analyses_failed_files_again_and_no_others(tmp_path: Path, hopper: Frame) -> None:
    write_photos(tmp_path / "in", [hopper], count=2)
    (tmp_path / "in/deadly.jpg").write_bytes(b"x")
    archive = Archive(sources=(str(tmp_path / "in"),), folder=tmp_path / "out")
    assert run_archive(archive).failed_rows == 1
    assert run_archive(archive).rows == 0
    again = run_archive(replace(archive, retry=True))
    assert (again.rows, again.failed_rows) == (1, 1)
    assert len(all_rows(tmp_path / "out")) == 3


def test_a_dry_run_counts_and_writes_nothing(analysed: Analysed, tmp_path: Path) -> None:
    found = estimate(Archive(sources=(str(analysed.sources),), folder=tmp_path / "new"))
    assert (found.photos, found.segments) == (PHOTOS + 1, 2)
    assert found.seconds is not None
    assert found.seconds > 0
    assert not (tmp_path / "new").exists()


def test_a_file_that_ends_its_worker_is_an_error_and_the_others_go_on(tmp_path: Path) -> None:
    items = named_items("a", "deadly 1", "b", "c", "deadly 2", "d")
    with claim_folder(tmp_path, (1, 1)) as claim:
        shards = split(items, 3)
        receipts = list(
            run_local(shards, Job(), claim, workers=1, module="tests.bulk.dying_worker")
        )
    totals = Totals()
    for receipt in receipts:
        totals.add(receipt)
    assert (totals.rows, totals.failed_rows) == (6, 2)
    assert [path for path, _ in totals.errors] == ["deadly 1", "deadly 2"]
    errors = {row["path"]: row["error"] for row in all_rows(tmp_path).to_pylist()}
    assert {path for path, error in errors.items() if error} == {"deadly 1", "deadly 2"}
    assert errors["deadly 1"] == ENDED


def test_a_second_run_in_the_same_folder_waits_and_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.bulk.claim.WAIT_S", 0.2)
    with (
        claim_folder(tmp_path, (1, 1)) as claim,
        pytest.raises(BulkError, match="Another run"),
        claim_folder(tmp_path, (1, 1)),
    ):
        pass
    assert holds_claim(claim.ticket)


def test_a_run_that_was_taken_over_writes_nothing(tmp_path: Path) -> None:
    with claim_folder(tmp_path, (1, 1)) as claim:
        pass
    with claim_folder(tmp_path, (1, 1)):
        old = Claim(folder=tmp_path, shard=(1, 1), path=claim.path, token=claim.token, lock=None)
        (receipt,) = run_local(
            [named_items("a")], Job(), old, workers=1, module="tests.bulk.dying_worker"
        )
    assert not receipt.written
    assert not list(tmp_path.glob("*part-*"))


def test_kill_at_random_moments_then_resume(
    tmp_path: Path, astronaut: Frame, hopper: Frame
) -> None:
    """Exactly once: no row is missing, none is doubled, and no half-written file is left."""
    write_photos(tmp_path / "in", [astronaut, hopper], count=48)
    command = [
        sys.executable, "-m", "realtime", "bulk", str(tmp_path / "in"), "--out",
        str(tmp_path / "out"), "--workers", "2", "--attributes", "none",
    ]  # fmt: skip
    chance, moments = random.Random(7), 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        parts = len(list(tmp_path.glob("out/part-*")))
        # Moments are counted from the first sign of work, or all would fall into the imports.
        while process.poll() is None and len(list(tmp_path.glob("out/*part-*"))) == parts:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.3))
        moments += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert moments  # else nothing was tested
    paths = all_rows(tmp_path / "out")["path"].to_pylist()
    assert len(paths) == len(set(paths)) == 48
    assert not list((tmp_path / "out").glob(".*.tmp"))
    manifest = pq.read_table(tmp_path / "out/manifest-1-of-1.parquet")
    assert np.array_equal(sorted(manifest["path"].to_pylist()), sorted(paths))
