"""The commands `bulk` and `ask` as a user runs them."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from realtime.__main__ import main
from realtime.bulk.local import run_local
from tests.bulk.conftest import PHOTOS, Analysed
from tests.packaging.test_extras import python


@pytest.fixture
def quick_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers write rows without faces."""
    quick = partial(run_local, module="tests.bulk.dying_worker")
    monkeypatch.setattr("realtime.bulk.run.run_local", quick)


@pytest.mark.usefixtures("quick_workers")
def test_a_report_errors_and_the_same_command_again(
    analysed: Analysed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "results"
    command = ["bulk", str(analysed.sources / "day1"), str(tmp_path / "no.jpg"), "--out"]
    assert main([*command, str(folder), "--workers", "1"]) == 1
    out, err = capsys.readouterr()
    assert f"{PHOTOS // 2 + 1} items: {PHOTOS // 2 + 1} analysed in" in out
    assert "1 error." in out
    assert f"{tmp_path}/no.jpg: File not found. Check the path.\n" in err
    assert main([*command, str(folder)]) == 0
    out = capsys.readouterr().out
    assert f"{PHOTOS // 2 + 1} items: 0 analysed in" in out
    assert f"{PHOTOS // 2 + 1} done before" in out
    assert main([*command, str(folder), "--dry-run"]) == 0
    assert f"{PHOTOS // 2 + 1} items: {PHOTOS // 2 + 1} done" in capsys.readouterr().out


def test_ask_prints_an_answer(analysed: Analysed, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "SELECT count(*) AS photos FROM photos"
    assert main(["ask", str(analysed.folder), sql, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"photos": PHOTOS + 1}
    assert main(["ask", str(analysed.folder), "SELEC"]) == 1
    assert capsys.readouterr().err.startswith("The query failed")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--shard", "3/2"], "I must be from 1 to N"),
        (["--shard", "0/2"], "I must be from 1 to N"),
        (["--shard", "half"], "must be I/N"),
        (["--workers", "0"], "must be from 1 to"),
        (["--engine", "dask"], "invalid choice"),
    ],
)
def test_wrong_options_are_one_sentence(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["bulk", ".", "--out", "x", *options])
    assert exit_info.value.code == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "missing", "extra"),
    [
        (["ask", "{folder}", "SELECT 1"], "duckdb", "archive"),
        (["bulk", "s3://bucket/a.jpg", "--out", "{folder}/new"], "fsspec", "archive"),
        (["bulk", "README.md", "--engine", "ray", "--out", "{folder}/new"], "ray", "cluster"),
    ],
)
def test_a_missing_extra_is_one_sentence(
    arguments: list[str], missing: str, extra: str, tmp_path: Path
) -> None:
    filled = [argument.format(folder=tmp_path) for argument in arguments]
    code = "from realtime.__main__ import main; sys.exit(main(sys.argv[1:]))"
    done = python(code, *filled, without=[missing])
    assert done.returncode == 1
    sentence = f"The package {missing} is missing: install it with make extra-{extra}."
    assert done.stderr.splitlines()[-1] == sentence


def test_a_result_folder_can_be_read_where_it_cannot_be_written(
    analysed: Analysed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(analysed.folder, tmp_path / "copy"))
    folder.chmod(0o500)
    try:
        assert main(["ask", str(folder), "SELECT 1"]) == 0
    finally:
        folder.chmod(0o700)
    assert "1" in capsys.readouterr().out
