"""The report of the pages benchmark."""

from __future__ import annotations

from typing import Any

from benchmarks.environment import describe_environment
from benchmarks.pages import report


def window(charts: str, cores: float, shown_fps: float) -> dict[str, Any]:
    return {"charts": charts, "server_cores": cores, "shown_fps": shown_fps, "dropped": 1}


def test_report_compares_the_medians_of_alternating_windows() -> None:
    text = report(
        {
            "header": describe_environment(),
            "first_visit": {
                "title_ms": 1500,
                "start_ms": 2100,
                "slowest_start_ms": 2300,
                "server_start_s": 3.1,
                "n": 5,
            },
            "first_paint": [{"page": "/photo", "paint_ms": 1240, "title_ms": 1484, "n": 5}],
            "photo": {
                "size_wh": (4000, 3000),
                "faces": 10,
                "kilobytes": 2046,
                "first_ms": 1183,
                "median_ms": 865,
                "slowest_ms": 979,
                "n": 5,
            },
            "charts": [
                window("without", 0.30, 30.0),
                window("with", 0.32, 27.0),
                window("without", 0.40, 28.0),
                window("with", 0.36, 29.0),
                window("without", 0.34, 20.0),
                window("with", 0.90, 28.0),
            ],
        }
    )
    assert "| /photo | 1240 | 1484 | 5 |" in text
    assert "4000x3000 pixels, 2046 KB, 10 faces" in text
    assert text.splitlines()[-1] == "medians: charts cost +0.020 cores; frame rate 1.000 times"
