"""A worker whose process ends at files with "deadly" in their names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from realtime.bulk import worker
from realtime.bulk.analyst import Analyst, Row
from realtime.bulk.manifest import Item


def main() -> None:
    def rows(
        self: Analyst, items: Sequence[Item], on_item: Callable[[int], None] = print
    ) -> Iterator[Row]:
        for k, item in enumerate(items):
            on_item(k)
            if "deadly" in item.path and item.error is None:
                os._exit(9)
            yield item.row()

    Analyst.__init__ = lambda self, job: None  # type: ignore[method-assign]
    Analyst.rows = rows  # type: ignore[method-assign]
    worker.main()
