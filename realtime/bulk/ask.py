"""Questions about a result folder: DuckDB on its parts, for reading only."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from realtime.bulk.errors import BulkError
from realtime.bulk.files import PARTS
from realtime.bulk.views import view_statements

MEMORY = "1GB"  # of one folder that is open; nothing is written to the disk instead
MAX_QUERY_S = 600.0
TABLE_ROWS = 100  # printed as a table; CSV and JSON have all rows
_BLOCK_ROWS = 1024
_MIN_CELL = 8  # characters


class Results:
    """A result folder that is open for queries; used by one thread at a time.

    The database can read this folder and nothing else, write nothing, and has no network; its
    settings are locked.

    Args:
        folder: the results of `bulk`.
        max_query_s: then a query is ended.

    Raises:
        BulkError: there are no results.

    Example:
        >>> import tempfile
        >>> Results(Path(tempfile.mkdtemp()))
        Traceback (most recent call last):
            ...
        realtime.bulk.errors.BulkError: ...
    """

    def __init__(self, folder: Path, *, max_query_s: float = MAX_QUERY_S) -> None:
        import duckdb

        self.folder = folder.resolve()
        self._max_query_s = max_query_s
        if not any(self.folder.glob(PARTS)):
            raise BulkError(f"{folder} has no results. Write some with `bulk SOURCE --out DIR`.")
        self._database = duckdb.connect()
        try:
            for statement in (*self._limits(), *self._views(), "SET lock_configuration = true"):
                self._database.execute(statement)
        except duckdb.Error as error:
            self._database.close()
            raise BulkError(f"The results in {folder} cannot be read: {_reason(error)}.") from error

    def query(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Answer one query.

        Args:
            sql: one statement that reads.
            values: of the parameters, `?`, in it.

        Returns:
            The open cursor: `description` has the columns, `fetchmany` the rows.

        Raises:
            BulkError: the query is wrong, does more than read, or takes too long.
        """
        import duckdb

        try:
            statements = self._database.extract_statements(sql)
            # Not EXPLAIN either: EXPLAIN ANALYZE COPY writes a file.
            if len(statements) != 1 or statements[0].type.name != "SELECT":
                raise BulkError(
                    "Only one query that reads is allowed, such as SELECT … FROM faces."
                )
            timer = threading.Timer(self._max_query_s, self._database.interrupt)
            timer.daemon = True
            timer.start()
            try:
                return self._database.execute(statements[0], list(values) or None)
            finally:
                timer.cancel()
        except duckdb.InterruptException:
            raise BulkError(
                f"The query takes longer than {self._max_query_s:.0f} s. Ask for less."
            ) from None
        except duckdb.Error as error:
            raise BulkError(f"The query failed: {_reason(error)}.") from error

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query's answer; for answers that are small."""
        rows: list[tuple[Any, ...]] = self.query(sql, values).fetchall()
        return rows

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _limits(self) -> Iterator[str]:
        yield f"SET allowed_directories = [{_literal(self.folder)}]"
        yield "SET temp_directory = ''"
        yield "SET enable_external_access = false"
        yield "SET autoinstall_known_extensions = false"
        yield "SET autoload_known_extensions = false"
        yield f"SET memory_limit = '{MEMORY}'"

    def _views(self) -> Iterator[str]:
        def files(pattern: str) -> str:
            return _literal(self.folder / pattern)

        tracks = files("tracks-*.parquet") if any(self.folder.glob("tracks-*.parquet")) else None
        yield from view_statements(files(PARTS), files("manifest-*.parquet"), tracks)


def print_answer(results: Results, sql: str, form: str, to: IO[str], *, width: int = 160) -> None:
    """Write the answer to a query.

    Args:
        results: where to ask.
        sql: the query.
        form: "table" for people, of at most `TABLE_ROWS`; "csv", or "json" with an object a line.
        to: where to.
        width: of a table, in characters.

    Raises:
        BulkError: as `Results.query`.
    """
    answer = results.query(sql)
    names = [column[0] for column in answer.description or ()]
    if form == "table":
        rows = answer.fetchmany(TABLE_ROWS + 1)
        to.write(table_text(names, rows[:TABLE_ROWS], width=width))
        if len(rows) > TABLE_ROWS:
            to.write(f"The first {TABLE_ROWS} rows; --format csv gives all of them.\n")
        return
    writer = csv.writer(to, lineterminator="\n")
    if form == "csv":
        writer.writerow(names)
    while rows := answer.fetchmany(_BLOCK_ROWS):
        if form == "csv":
            writer.writerows(rows)
            continue
        for row in rows:
            record = dict(zip(names, row, strict=True))
            to.write(json.dumps(record, ensure_ascii=False, default=_text) + "\n")


def table_text(names: Sequence[str], rows: Sequence[Sequence[Any]], *, width: int) -> str:
    """Rows as text in columns; cells that are too long are cut."""
    cells = [[_cell(value) for value in row] for row in rows]
    needed = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    most = next(
        (m for m in range(width, _MIN_CELL, -1) if sum(min(n, m) + 2 for n in needed) <= width + 2),
        _MIN_CELL,
    )
    widths = [min(most, n) for n in needed]
    lines = []
    for k, row in enumerate([list(names), *cells]):
        cut = [c if len(c) <= w else c[: w - 1] + "…" for c, w in zip(row, widths, strict=True)]
        right = [k > 0 and isinstance(v, int | float) for v in (rows[k - 1] if k else names)]
        padded = [
            c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cut, widths, right, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    lines.insert(1, "  ".join("-" * w for w in widths))
    return "\n".join(lines) + "\n"


def _literal(path: Path) -> str:
    """A path as a string of SQL."""
    text = str(path).replace("'", "''")
    return f"'{text}'"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return "" if value is None else " ".join(str(value).split())


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return str(value)


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
