"""Tracks of segments become tracks of their video."""

from __future__ import annotations

import numpy as np

from realtime.bulk.tracks import Boxes, Segment, join_segments, same_tracks

STEP_S = 0.1


def boxes(*tracks: tuple[int, float], start_s: float, end_s: float) -> Boxes:
    """Tracks (number, left) that do not move, on all frames of a span."""
    times = np.arange(round(start_s / STEP_S), round(end_s / STEP_S)) * 100
    rows = [(t, number, left) for t in times.tolist() for number, left in tracks]
    return Boxes(
        time_ms=np.array([t for t, _, _ in rows], np.int64),
        track=np.array([n for _, n, _ in rows], np.int64),
        xyxy=np.array([[x, 0, x + 50, 50] for _, _, x in rows], np.float32).reshape(-1, 4),
    )


def segment(number: int, *tracks: tuple[int, float], before: tuple[tuple[int, float], ...] = ()):
    """Segment `number` with tracks (number, left), and those in the second before it."""
    start_s, end_s = 20.0 * number, 20.0 * (number + 1)
    return Segment(
        item_id=f"item {number}",
        start_s=start_s,
        end_s=end_s,
        spans={track: (start_s, end_s, 200) for track, _ in tracks},
        lead_in=boxes(*before, start_s=start_s - 1, end_s=start_s),
        tail=boxes(*tracks, start_s=end_s - 1, end_s=end_s),
    )


def joined(*segments: Segment) -> dict[tuple[str, int], int]:
    return {(item, track): number for item, track, number in join_segments(list(segments))}


def test_tracks_go_on_where_their_boxes_lie_on_each_other() -> None:
    first = segment(0, (1, 0), (2, 200))
    second = segment(1, (1, 203), (2, 2), (3, 400), before=((1, 203), (2, 2)))
    assert joined(second, first) == {
        ("item 0", 1): 1, ("item 0", 2): 2,
        ("item 1", 1): 2, ("item 1", 2): 1, ("item 1", 3): 3,
    }  # fmt: skip


def test_a_missing_segment_ends_all_tracks() -> None:
    assert joined(segment(0, (1, 0)), segment(2, (1, 0), before=((1, 0),))) == {
        ("item 0", 1): 1,
        ("item 2", 1): 2,
    }


def test_a_track_is_continued_once() -> None:
    before = boxes((7, 0), start_s=0, end_s=1)
    after = boxes((1, 12), (2, 1), start_s=0, end_s=1)
    assert same_tracks(before, after) == {2: 7}


def test_no_faces_no_tracks() -> None:
    nothing = boxes(start_s=0, end_s=0)
    assert same_tracks(nothing, nothing) == {}
    assert joined(segment(0), segment(1)) == {}
