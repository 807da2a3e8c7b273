"""Labels change on evidence over some time, and only once."""

from __future__ import annotations

import numpy as np

from realtime.attribute.registry import EMOTION
from realtime.core.answers import Answers, Doubt
from realtime.core.faces import FrameResult
from realtime.output.records import face_record
from realtime.output.tables import FaceTable
from realtime.render.captions import caption
from realtime.track.held_label import HOLD_S, HeldLabel, hold
from realtime.ui.live.faces import readout_html
from tests.builders import answers, tracked_faces, unknown

FRAME_S = 1 / 30
HAPPY, SAD, NEUTRAL = (EMOTION.labels.index(name) for name in ("happy", "sad", "neutral"))


class Face:
    """One face of a stream whose emotions the test makes up."""

    def __init__(self) -> None:
        self.label = HeldLabel()
        self.now_s = 0.0

    def see(self, emotion: int, *, doubt: int | None = 0, prob: float = 0.6) -> Answers:
        self.now_s += FRAME_S
        row = np.full(7, (1 - prob) / 6)
        row[emotion] = prob
        raw = answers(EMOTION, row, doubts=None if doubt is None else [doubt])
        return hold([self.label], raw, self.now_s)

    def shows(self, emotion: int, *, doubt: int | None = 0) -> str:
        answer = self.see(emotion, doubt=doubt).label(0)
        assert answer is not None
        return answer[0]


def test_the_first_label_is_shown_at_once() -> None:
    assert Face().shows(HAPPY) == "happy"
    assert Face().shows(HAPPY, doubt=Doubt.CLOSE) == "unsure"


def test_a_clear_change_is_shown_once_and_within_half_a_second() -> None:
    face = Face()
    assert face.shows(HAPPY) == "happy"
    labels = [face.shows(SAD) for _ in range(40)]
    assert labels == sorted(labels)  # happy, then sad
    assert labels.count("happy") * FRAME_S <= HOLD_S <= 0.5
    assert labels[-1] == "sad"


def test_flicker_and_short_doubts_are_not_shown() -> None:
    face = Face()
    labels = {face.shows(SAD if i % 10 > 5 else HAPPY) for i in range(100)}
    labels |= {face.shows(HAPPY, doubt=Doubt.CLOSE if i % 14 > 2 else 0) for i in range(100)}
    assert labels == {"happy"}


def test_a_doubt_between_two_labels_is_not_shown() -> None:
    face, labels = Face(), []
    for emotion, doubt, frames in ((HAPPY, 0, 20), (HAPPY, Doubt.CLOSE, 25), (SAD, 0, 30)):
        labels += [face.shows(emotion, doubt=doubt) for _ in range(frames)]
    assert "unsure" not in labels
    assert labels[-1] == "sad"


def test_a_doubt_that_lasts_is_shown_with_its_last_reason() -> None:
    face = Face()
    face.see(HAPPY)
    for _ in range(40):
        shown = face.see(HAPPY, doubt=Doubt.TURNED)
    assert shown.label(0) is not None
    assert shown.doubts(0) == [Doubt.TURNED]
    assert face.see(HAPPY).doubts(0) == [Doubt.TURNED]  # for the moment


def test_switching_doubts_off_takes_effect_at_once() -> None:
    face = Face()
    assert face.shows(HAPPY, doubt=Doubt.SMALL) == "unsure"
    assert face.shows(HAPPY, doubt=None) == "happy"


def test_what_is_not_known_yet_stays_unknown() -> None:
    held = hold([HeldLabel()], unknown(EMOTION), 1.0)
    assert held.label(0) is None
    assert held.column.tolist() == [-1]
    assert len(hold([], unknown(EMOTION, 0), 1.0)) == 0


def test_picture_card_table_and_record_show_the_same_label() -> None:
    face = Face()
    face.see(SAD)
    faces = tracked_faces([1], emotion=face.see(NEUTRAL, prob=0.9))
    assert caption(EMOTION, faces, 0) == "sad"  # not "sad 2%"
    page = readout_html(faces)
    assert "sad</p>" in page
    assert "sad 2%" not in page
    assert '<div class="fs-bar top"><span>sad</span>' in page
    table = FaceTable()
    table.add(FrameResult(faces, (640, 480), time_s=0.0), 0)
    assert table.rows()["emotion"].tolist() == [SAD]
    record = face_record(faces, 0)
    assert record["emotion"]["label"] == "sad"
    assert record["emotion"]["probs"]["neutral"] == 0.9
