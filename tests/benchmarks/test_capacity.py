"""The capacity benchmark: its rows, its report and its stub cameras."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiortc.mediastreams import MediaStreamError

from benchmarks.__main__ import main
from benchmarks.capacity import report
from benchmarks.capacity_rows import growth_mib, joined, memory_per_viewer, summary
from benchmarks.stub_viewers import StubCamera, camera_clip

FIELDS = {
    "mode",
    "streams",
    "shown_fps_min",
    "analyses_hz_min",
    "analyses_hz_sum",
    "age_ms",
    "cores",
    "rss_mib",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("capacity") / "results.json"
    short = ("--streams", "1", "--seconds", "1", "--json", str(path))
    assert main(["capacity", *short]) == 0
    return dict(json.loads(path.read_text()))


def test_each_number_of_streams_has_a_row(results: dict[str, Any]) -> None:
    rows = [(row["mode"], row["streams"]) for row in results["rows"]]
    assert rows == [("video", 1), ("overlay", 1)]
    for row in results["rows"]:
        assert set(row) >= FIELDS
        assert row["faces_median"] == 2
        assert 0 < row["analyses_hz_min"] <= row["analyses_hz_sum"]
        assert 0 < row["shown_fps_min"] <= row["shown_fps_mean"]
        assert 0 < row["age_ms"]["p50"] <= row["age_ms"]["p95"]
        assert row["cores"] > 0
        assert row["rss_mib"] > 50


def test_the_report_has_a_line_per_row_and_says_what_is_carried(results: dict[str, Any]) -> None:
    browser = {
        "mode": "browser", "streams": 2, "shown_fps_min": 28.5, "shown_fps_mean": 28.75,
        "cores": 1.5, "rss_mib": 400.0,
    }  # fmt: skip
    said = {
        "carried": 10, "further_viewer_mib": 7.4, "total_at_twice": 0.97, "minutes": 3,
        "at_the_limit": {**results["rows"][0], "growth_mib": -0.5},
    }  # fmt: skip
    text = report(results | {"rows": [*results["rows"], browser], "modes": {"video": said}})
    for mode in ("video", "overlay", "browser"):
        assert f"{mode:>7} " in text
    assert "video: 10 streams with at least 29 fps" in text
    assert "a further viewer: 7.4 MiB" in text
    assert "0.97 times the analyses" in text
    assert "memory -0.5 MiB" in text
    assert results["header"]["cpu"] in text


def test_memory_per_viewer_needs_two_rows() -> None:
    few, many = {"streams": 2, "rss_mib": 300.0}, {"streams": 10, "rss_mib": 500.0}
    assert memory_per_viewer([many, few]) == 25.0
    assert memory_per_viewer([few]) is None


def test_the_summary_finds_what_is_carried_and_compares_twice_as_many() -> None:
    def row(streams: int, fps: float, hz: float) -> dict[str, Any]:
        return {
            "streams": streams, "shown_fps_min": fps, "analyses_hz_min": hz,
            "analyses_hz_sum": streams * hz, "rss_mib": 200.0 + 10 * streams,
        }  # fmt: skip

    rows = [row(1, 30, 30), row(8, 30, 20), row(10, 29, 12), row(16, 29.9, 9), row(20, 30, 7)]
    assert summary(rows) == {
        "carried": 10, "further_viewer_mib": 10.0, "total_at_twice": 0.875,
    }  # fmt: skip
    assert summary(rows[:3])["total_at_twice"] is None
    assert summary([row(4, 20, 4)])["carried"] == 0


def test_growth_compares_the_ends_of_a_run() -> None:
    assert growth_mib([100, 300, 101, 102, 103, 104, 109, 108, 120]) == 8.0
    assert growth_mib([5.0]) == 0


@pytest.mark.parametrize(
    "options", [("--browsers", "0"), ("--streams", "0"), ("--seconds", "0"), ("--faces", "0")]
)
def test_numbers_out_of_range_are_refused(
    options: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["capacity", *options]) == 1
    assert "The benchmark cannot run" in capsys.readouterr().err


def test_cameras_play_the_clip_from_different_places_as_decoders_give_it_out() -> None:
    async def first_two(phase: float) -> list[int]:
        camera = StubCamera(clip, phase)
        return [clip.index(await camera.recv()) for _ in range(2)]

    clip = camera_clip(1, (64, 48))
    assert {frame.format.name for frame in clip} == {"yuv420p"}
    assert asyncio.run(first_two(0)) == [1, 2]
    assert asyncio.run(first_two(0.5)) == [46, 47]


def test_a_stopped_camera_ends_its_stream() -> None:
    async def scenario() -> None:
        camera = StubCamera(camera_clip(1, (64, 48)), 0)
        camera.stop()
        with pytest.raises(MediaStreamError):
            await camera.recv()

    asyncio.run(scenario())


def test_servers_side_by_side_make_one_row(results: dict[str, Any]) -> None:
    one = results["rows"][0] | {"streams": 1, "analyses_hz_min": 12.0, "analyses_hz_sum": 12.0}
    three = one | {"streams": 3, "analyses_hz_min": 9.0, "analyses_hz_sum": 30.0}
    both = joined([one, three])
    assert set(both) == set(one)
    assert (both["streams"], both["analyses_hz_min"], both["analyses_hz_sum"]) == (4, 9.0, 42.0)
    assert both["rss_mib"] == pytest.approx(2 * one["rss_mib"], abs=0.1)
    assert joined([one]) == one


def test_two_servers_share_the_streams(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    short = ("--streams", "3", "--seconds", "1", "--modes", "overlay", "--processes", "2")
    assert main(["capacity", *short, "--json", str(path)]) == 0
    (row,) = json.loads(path.read_text())["rows"]
    assert row["streams"] == 3
    assert main(["capacity", "--streams", "1", "--processes", "2"]) == 1
