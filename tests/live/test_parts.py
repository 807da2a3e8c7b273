"""Parts of the live page that need no stream: statistics, readout, hiding, ICE, configuration."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed

from realtime.attribute.registry import EMOTION, MASK
from realtime.core.answers import Doubt
from realtime.core.arrays import Frame
from realtime.core.faces import Faces, FrameResult
from realtime.core.settings import AnalysisSettings, Hiding
from realtime.engine.networks import Networks
from realtime.engine.privacy import HOLD_S, FaceHider
from realtime.live.stats import LiveStats
from realtime.render.draw import StreamStats
from realtime.ui.live.faces import MAX_CARDS, mask_counts, readout_html, stats_html
from realtime.ui.live.mask_alert import MASKS_OFF, NO_ALERT, mask_alert_html
from tests.builders import answers, tracked_faces, unknown
from tests.conftest import ROOT

STATS = StreamStats(fps=30, age_p50_ms=6, age_p95_ms=9, dropped=2)
TURN = {"urls": ["turn:turn.example.org"], "username": "me", "credential": "secret"}


def faces(count: int, mask: list[float] | None = None) -> Faces:
    attributes = {"emotion": answers(EMOTION, [[0, 0, 0, 0.75, 0, 0.25, 0]] * count)}
    if mask is not None:
        attributes["mask"] = answers(MASK, [mask] * count)
    return tracked_faces(range(1, count + 1), **attributes)


# Statistics.


def test_stats_without_frames_are_zero() -> None:
    assert LiveStats().read(5.0) == StreamStats(0, 0, 0, 0)


def test_stats_cover_the_window_and_count_dropped_frames() -> None:
    stats = LiveStats(window_s=1.0)
    stats.frame_shown(7, 0.0, age_ms=1000)  # frames before the first one do not count as dropped
    for n in range(10):
        stats.frame_shown(10 + 2 * n, 2.0 + n / 10, age_ms=n)
    read = stats.read(2.9)
    assert read.fps == pytest.approx(10)
    assert read.age_p50_ms == pytest.approx(4.5)
    assert read.age_p95_ms < 10  # the age of 1000 ms has left the window
    assert read.dropped == 2 + 9
    assert stats.read(60.0).fps == 0


# Readout.


def test_the_readout_without_faces_gives_advice() -> None:
    html = readout_html(Faces.empty())
    assert "No face detected." in html


def test_the_readout_counts_and_labels_each_face() -> None:
    html = readout_html(faces(2, mask=[0.9, 0.1, 0]))
    assert "Face 1" in html
    assert "Face 2" in html
    assert "mask worn 90%" in html
    assert "75%" in html


def test_counts_of_masks_belong_to_the_mask_check() -> None:
    neutral = readout_html(faces(2, mask=[0.1, 0.9, 0]), masks=False)
    assert "no mask 90%" in neutral
    assert "fs-counts" not in neutral
    checked = readout_html(faces(2, mask=[0.1, 0.9, 0]), masks=True)
    assert "fs-counts" in checked


def test_the_line_below_the_picture_gives_faces_and_performance() -> None:
    html = stats_html(2, STATS, "Server busy.")
    assert 'data-faces="2"' in html
    assert "2 faces · 30 fps · 6 ms latency (p95 9 ms) · 2 dropped. Server busy." in html
    assert "1 face ·" in stats_html(1, STATS)
    assert "data-faces" not in stats_html(None, STATS)


def test_the_readout_is_limited_to_the_first_faces() -> None:
    html = readout_html(faces(MAX_CARDS + 3))
    assert "and 3 more" in html
    assert html.count("<h4>") == MAX_CARDS


def test_unsure_masks_are_shown_and_counted_separately() -> None:
    known = faces(3, mask=[0.9, 0.1, 0])
    doubts = {"mask": [0, Doubt.CLOSE, 0], "emotion": [0, 0, Doubt.BLURRED]}
    doubted = known.with_(masked=np.array([True, True, True])).with_answers(
        {
            name: replace(known.attributes[name], doubt=np.array(bits, np.uint8))
            for name, bits in doubts.items()
        }
    )
    counts = {"with_mask": 2, "without_mask": 0, "incorrect": 0, "unsure": 1}
    assert mask_counts(doubted) == counts
    html = readout_html(doubted)
    assert "1 unsure" in html
    assert html.count("mask worn 90%") == 2
    assert html.count("mask unsure") == 1
    assert "happy 75%, partly covered" in html
    assert "emotion unsure" in html
    assert html.count("fs-bar top") == 2  # no bar is highlighted if the emotion is unsure
    assert "unsure" not in readout_html(faces(3, mask=[0.9, 0.1, 0]))


def test_unclassified_face_counts_as_a_face_only() -> None:
    new = tracked_faces([1], mask=unknown(MASK), emotion=unknown(EMOTION))
    counts = mask_counts(new)
    assert counts is not None
    assert sum(counts.values()) == 0
    assert "analysing" in readout_html(new)
    assert "nan" not in readout_html(new)


def test_masks_that_are_not_classified_have_no_counts() -> None:
    assert mask_counts(faces(2)) is None
    assert mask_counts(Faces.empty()) == dict.fromkeys((*MASK.labels, "unsure"), 0)
    assert "–" in readout_html(faces(2))
    assert "–" not in readout_html(faces(2, mask=[0.9, 0.1, 0]))


# Missing-mask alert.


@pytest.mark.parametrize(
    ("tracks", "text"),
    [
        ([3], "Face 3 has no mask"),
        ([3, 5], "Faces 3 and 5 have no mask"),
        ([3, 5, 8], "Faces 3, 5 and 8 have no mask"),
    ],
)
def test_the_alert_lists_faces_without_mask(tracks: list[int], text: str) -> None:
    html = mask_alert_html(tracks, masks_known=True)
    assert text in html
    assert 'role="alert"' in html


def test_without_missing_masks_there_is_no_alert() -> None:
    assert NO_ALERT in mask_alert_html([], masks_known=True)
    assert MASKS_OFF in mask_alert_html([], masks_known=False)
    assert 'role="alert"' not in mask_alert_html([], masks_known=True)


# Hiding of faces.


def result_at(time_s: float, *boxes: list[float]) -> FrameResult:
    """A pipeline result with these boxes."""
    return FrameResult(Faces.from_boxes(list(boxes)), (512, 512), time_s)


@pytest.mark.parametrize("hiding", Hiding)
def test_hiding_detects_faces_the_pipeline_missed(
    astronaut: Frame, networks: Networks, hiding: Hiding
) -> None:
    detector = networks.detector("blazeface-full")
    picture = astronaut.copy()
    settings = AnalysisSettings(detector="blazeface-full")
    FaceHider(networks).apply(picture, result_at(0.0), settings, hiding)
    assert len(detector.detect(astronaut, min_score=0.5)) == 1
    assert len(detector.detect(picture, min_score=0.5)) == 0


def test_a_region_stays_hidden_for_a_while_after_the_last_detection(networks: Networks) -> None:
    hide = partial(
        FaceHider(networks).apply,
        settings=AnalysisSettings(detector="blazeface-short"),
        hiding=Hiding.PIXELATE,
    )
    ramp = np.zeros((240, 320, 3), np.uint8)
    ramp[:] = np.arange(320)[None, :, None] // 2
    hide(ramp.copy(), result_at(0.0, [100, 80, 180, 160]))
    soon, late = ramp.copy(), ramp.copy()
    hide(soon, result_at(HOLD_S - 0.1))
    hide(late, result_at(HOLD_S + 0.1))
    assert (soon[90:150, 110:170] != ramp[90:150, 110:170]).any()
    assert (late == ramp).all()


def followed(time_s: float, *boxes: list[float]) -> FrameResult:
    """A pipeline result in which these faces have been followed for a while."""
    faces = Faces.from_boxes(list(boxes)).with_(track_id=np.arange(len(boxes)))
    return FrameResult(faces, (320, 240), time_s)


def hidden_columns(results: list[FrameResult], networks: Networks) -> NDArray[np.intp]:
    """The columns of the last frame in which anything is hidden."""
    hider, settings = FaceHider(networks), AnalysisSettings(detector="blazeface-short")
    ramp = np.zeros((240, 320, 3), np.uint8)
    ramp[:] = (np.arange(320) * 7 % 251)[None, :, None]
    for result in results:
        frame = ramp.copy()
        hider.apply(frame, result, settings, Hiding.BLUR)
    return np.flatnonzero((frame != ramp).any(axis=(0, 2)))


def test_what_hides_a_face_follows_its_head(networks: Networks) -> None:
    places = [[60.0 + 6 * k, 80, 120.0 + 6 * k, 150] for k in range(6)]
    moving = hidden_columns([followed(k / 30, box) for k, box in enumerate(places)], networks)
    alone = hidden_columns([followed(0, places[-1])], networks)
    np.testing.assert_array_equal(moving, alone)  # nothing stays where the head has been


def test_a_track_that_jumps_leaves_its_place_hidden(networks: Networks) -> None:
    before, after = [20.0, 80, 80, 150], [220.0, 80, 280, 150]
    both = hidden_columns([followed(0, before), followed(0.03, after)], networks)
    assert {50, 250} <= set(both.tolist())


# Configuration.


def test_the_configuration_suits_live_streams_and_sends_no_statistics() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["browser"]["gatherUsageStats"] is False
    # Without an address, the server would look up its own at an external site.
    assert config["browser"]["serverAddress"]
    # Garbage collections after each run would pause the streams twice a second.
    assert config["runner"]["postScriptGC"] is False
    assert config["server"]["fileWatcherType"] == "none"
    assert config["server"]["maxUploadSize"] >= 10


def test_no_message_is_taken_from_the_browsers_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser may have dropped it, and then shows nothing new any more."""
    monkeypatch.chdir(ROOT)
    message = ForwardMsg()
    message.delta.new_element.markdown.body = "x" * 1_000_000
    populate_hash_if_needed(message)
    assert message.hash
    assert not message.metadata.cacheable


def test_live_modules_do_not_import_heavy_packages() -> None:
    code = (
        "import sys, realtime.live.webrtc, realtime.live.frame_processor;"
        "import realtime.ui.live.controls;"
        "print(sorted({m.partition('.')[0] for m in sys.modules}"
        " & {'tensorflow', 'keras', 'mediapipe'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
