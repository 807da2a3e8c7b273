"""Questions about results: the views, what is refused, and how answers are printed."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path

import pytest

from realtime.bulk.ask import Results, print_answer, table_text
from realtime.bulk.errors import BulkError
from tests.bulk.conftest import PHOTOS, RATE, VIDEO_S, Analysed
from tests.conftest import ROOT

EXAMPLES = re.findall(
    r"```sql\n(.*?)```", (ROOT / "docs/archives.md").read_text(encoding="utf-8"), re.DOTALL
)


def test_the_views_agree_with_each_other(analysed: Analysed) -> None:
    with Results(analysed.folder) as results:
        assert results.rows("SELECT count(*), sum(faces), count(error) FROM photos") == [
            (PHOTOS + 1, PHOTOS, 1)
        ]
        assert results.rows("SELECT round(seconds), frames FROM videos") == [
            (VIDEO_S, VIDEO_S * RATE)
        ]
        ((frames, faces),) = results.rows(
            "SELECT count(DISTINCT time_s), count(*) FROM faces WHERE kind = 'video'"
        )
        assert frames == faces == VIDEO_S * RATE
        assert results.rows("SELECT DISTINCT mask FROM faces WHERE kind = 'photo'")
        assert results.rows("SELECT count(*) FROM crops WHERE path LIKE '%.jpg'") == [(PHOTOS,)]


def test_a_face_keeps_its_number_from_segment_to_segment(analysed: Analysed) -> None:
    with Results(analysed.folder) as results:
        (track,) = results.rows("SELECT track, first_s, last_s, frames FROM tracks")
    assert track == (1, 0, VIDEO_S - 1 / RATE, VIDEO_S * RATE)


def test_rows_that_no_manifest_lists_do_not_count(analysed: Analysed, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(analysed.folder, folder)
    shutil.copy(next(folder.glob("part-*")), tmp_path / "manifest.parquet")
    next(folder.glob("manifest-*")).unlink()
    shutil.move(tmp_path / "manifest.parquet", folder / "manifest-1-of-1.parquet")
    with Results(folder) as results:
        ((all_rows,),) = results.rows("SELECT count(*) FROM items")
    assert 0 < all_rows < PHOTOS + 3


@pytest.mark.parametrize("sql", EXAMPLES, ids=lambda sql: " ".join(sql.split())[:40])
def test_the_questions_in_the_documentation_have_answers(analysed: Analysed, sql: str) -> None:
    with Results(analysed.folder) as results:
        assert results.rows(sql) is not None


def test_the_documentation_has_five_questions() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{folder}/x.csv'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/x.csv'",
        "CREATE TABLE a AS SELECT 1",
        "ATTACH '{folder}/x.db'",
        "SET enable_external_access = true",
        "SELECT 1; SELECT 2",
        "INSTALL httpfs",
        "DROP VIEW faces",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_csv('{folder}/../x.csv')",
        "SELEC 1",
        "",
    ],
)
def test_only_reading_of_the_results_is_allowed(analysed: Analysed, sql: str) -> None:
    before = sorted(analysed.folder.iterdir())
    with Results(analysed.folder) as results, pytest.raises(BulkError) as error:
        results.query(sql.format(folder=analysed.folder))
    assert str(error.value).endswith(".")
    assert sorted(analysed.folder.iterdir()) == before


def test_a_query_that_takes_too_long_is_ended(analysed: Analysed) -> None:
    endless = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range % 7 = 3"
    with (
        Results(analysed.folder, max_query_s=0.3) as results,
        pytest.raises(BulkError, match="takes longer"),
    ):
        results.query(endless)


def test_a_folder_without_results_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BulkError, match="has no results"):
        Results(tmp_path)
    (tmp_path / "part-x.parquet").write_bytes(b"PAR1")
    with pytest.raises(BulkError, match="cannot be read"):
        Results(tmp_path)


def test_answers_as_json_csv_and_table(analysed: Analysed) -> None:
    sql = "SELECT path, faces, modified FROM photos ORDER BY path LIMIT 2"
    with Results(analysed.folder) as results:
        out = {}
        for form in ("json", "csv", "table"):
            print_answer(results, sql, form, text := io.StringIO(), width=60)
            out[form] = text.getvalue()
    first = json.loads(out["json"].splitlines()[0])
    assert list(first) == ["path", "faces", "modified"]
    assert out["csv"].splitlines()[0] == "path,faces,modified"
    assert out["table"].splitlines()[0].startswith("path")
    assert max(map(len, out["table"].splitlines())) <= 60


def test_a_table_without_rows_has_its_heading() -> None:
    assert table_text(["a", "b"], [], width=80) == "a  b\n-  -\n"
