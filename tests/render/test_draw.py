"""Drawing: only what is requested is drawn, and hidden faces lose all detail."""

from itertools import combinations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.attribute.registry import EMOTION, MASK
from realtime.core.answers import Doubt
from realtime.core.arrays import Frame
from realtime.core.faces import Faces
from realtime.core.landmarks import MESH468, Landmarks
from realtime.core.settings import TRACK, DrawSettings, Hiding
from realtime.render.draw import StreamStats, draw_result
from realtime.render.hiding import face_ovals, hide_ovals
from realtime.render.layout import face_lines, short_line
from tests.builders import answers, faces_with_mesh, unknown

NOTHING = DrawSettings(boxes=False, labels=False)


def grey(height: int = 480, width: int = 640) -> Frame:
    return np.full((height, width, 3), 128, np.uint8)


MASK_PROB = [[0.02, 0.97, 0.01]]
EMOTION_PROB = [[0, 0, 0, 0.86, 0, 0.04, 0.1]]


def one_face(x0: float, y0: float, x1: float, y1: float) -> Faces:
    faces = faces_with_mesh((x0, y0, x1, y1)).with_(track_id=np.array([7]))
    return faces.with_answers(
        {"mask": answers(MASK, MASK_PROB), "emotion": answers(EMOTION, EMOTION_PROB)}
    )


def test_frame_is_unchanged_when_nothing_is_requested() -> None:
    frame = grey()
    draw_result(frame, one_face(100, 100, 200, 220), NOTHING, StreamStats(30, 10, 20, 0))
    assert (frame == 128).all()


def test_no_faces_change_nothing() -> None:
    frame = grey()
    draw_result(frame, Faces.empty(), DrawSettings(landmarks=True, hiding=Hiding.BLUR))
    assert (frame == 128).all()


@pytest.mark.parametrize("what", ["boxes", "labels", "landmarks", "stats"])
def test_each_item_can_be_drawn_alone(what: str) -> None:
    frame = grey()
    settings = DrawSettings(**{"boxes": False, "labels": False, what: True})
    draw_result(frame, one_face(100, 100, 200, 220), settings, StreamStats(30, 10, 20, 0))
    assert (frame != 128).any()


def test_the_performance_stays_clear_of_the_buttons_over_the_lower_edge() -> None:
    frame = grey()
    settings = DrawSettings(boxes=False, labels=False, stats=True)
    draw_result(frame, Faces.empty(), settings, StreamStats(30, 10, 20, 0))
    assert (frame[: len(frame) // 4] != 128).any()
    assert (frame[len(frame) // 4 :] == 128).all()


@given(
    st.tuples(*[st.floats(-2000, 3000)] * 2),
    st.tuples(*[st.floats(0, 4000)] * 2),
    st.sampled_from([(480, 640), (33, 21), (1, 1)]),
)
def test_faces_anywhere_are_drawn_without_error(
    corner: tuple[float, float], size: tuple[float, float], shape: tuple[int, int]
) -> None:
    faces = one_face(*corner, corner[0] + size[0], corner[1] + size[1])
    settings = DrawSettings(landmarks=True, stats=True, hiding=Hiding.BLUR)
    draw_result(grey(*shape), faces, settings, StreamStats(30, 10, 20, 3))


def texts(faces: Faces) -> list[str]:
    return [line.text for line in face_lines(faces, 0, DrawSettings())]


def test_captions_name_mask_and_emotion_with_their_probability() -> None:
    assert texts(one_face(0, 0, 9, 9)) == ["#7 no mask 97%", "happy 86%"]


def test_unknown_answers_have_no_caption() -> None:
    faces = one_face(0, 0, 9, 9).with_(attributes={"mask": unknown(MASK)})
    assert texts(faces) == ["#7"]


def test_captions_mark_unsure_answers_and_covered_faces() -> None:
    face = one_face(0, 0, 9, 9).with_(masked=np.array([True]))
    assert texts(face)[1] == "happy 86%, partly covered"
    unsure_mask = answers(MASK, MASK_PROB, doubts=[Doubt.CLOSE])
    sure_emotion = answers(EMOTION, EMOTION_PROB, doubts=[0])
    unsure = face.with_answers({"mask": unsure_mask, "emotion": sure_emotion})
    assert texts(unsure) == ["#7 mask unsure", "happy 86%, perhaps covered"]
    small = answers(EMOTION, EMOTION_PROB, doubts=[Doubt.SMALL])
    both = unsure.with_answers({"emotion": small}).with_(masked=None)
    assert texts(both) == ["#7 mask unsure", "emotion unsure"]


# Linear RGB as people see it who lack one kind of cone (Machado, Oliveira, Fernandes, 2009).
SEEN_BY = {
    "most": np.eye(3),
    "protanopes": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopes": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopes": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


@pytest.mark.parametrize("who", SEEN_BY)
def test_mask_colours_differ_for_every_colour_vision(who: str) -> None:
    from skimage.color import deltaE_ciede2000, rgb2lab

    bgr = np.array(list(MASK.colours.values())) / 255
    linear = np.where(bgr <= 0.04045, bgr / 12.92, ((bgr + 0.055) / 1.055) ** 2.4)[:, ::-1]
    seen = np.clip(linear @ np.asarray(SEEN_BY[who]).T, 0, 1)
    lab = rgb2lab(np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055))
    apart = [deltaE_ciede2000(a, b) for a, b in combinations(lab, 2)]
    assert min(apart) > 15  # a difference of 2 is seen side by side


def test_a_label_stays_inside_the_frame_and_off_the_face() -> None:
    frame = grey()
    draw_result(frame, one_face(600, 0, 639, 40), DrawSettings(boxes=False))
    assert (frame[40:] != 128).any()
    assert (frame[:39, 600:] == 128).all()


def test_a_crowd_has_numbers_instead_of_captions() -> None:
    boxes = [(x, y, x + 50, y + 60) for y in range(10, 400, 75) for x in range(10, 580, 60)]
    mask = answers(MASK, MASK_PROB * len(boxes))
    faces = Faces.from_boxes(boxes).with_answers({"mask": mask})
    frame = grey()
    captions_only = DrawSettings(boxes=False)
    draw_result(frame, faces.with_(track_id=np.arange(len(faces))), captions_only)
    drawn = [(frame[y0:y1, x0:x1] != 128).any(axis=2).mean() for x0, y0, x1, y1 in boxes]
    assert float(np.mean(drawn)) < 0.3  # of a face's pixels


@pytest.mark.parametrize("hiding", Hiding)
def test_hidden_face_has_no_detail(astronaut: Frame, hiding: Hiding) -> None:
    frame = astronaut.copy()
    hide_ovals(frame, face_ovals(Faces.from_boxes([[178, 70, 273, 177]])), hiding)
    inside = frame[75:170, 185:265]
    flat = len(np.unique(inside.reshape(-1, 3), axis=0)) <= 49  # a few cells
    assert flat == (hiding is Hiding.PIXELATE)
    detail = (
        cv2.Laplacian(inside, cv2.CV_32F).std()
        / cv2.Laplacian(astronaut[75:170, 185:265], cv2.CV_32F).std()
    )
    assert flat or detail < 0.1
    assert (frame[300:] == astronaut[300:]).all()
    assert (frame[45:60, 200:260] != astronaut[45:60, 200:260]).any()  # the hair too


def head(x: float, y: float, size: float, roll_deg: float) -> Faces:
    """A face with an oval mesh, turned about its middle; its box is that of the mesh."""
    angles = np.linspace(0, 2 * np.pi, MESH468.count)
    points = np.stack([np.cos(angles), 1.3 * np.sin(angles)], axis=1)
    points[[33, 133]], points[[362, 263]] = (-0.4, -0.3), (0.4, -0.3)  # the eyes
    cos, sin = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
    xy = points @ np.array([[cos, sin], [-sin, cos]]) * size / 2 + (x, y)
    box = np.concatenate([xy.min(axis=0), xy.max(axis=0)])
    mesh = np.concatenate([xy, np.zeros((len(xy), 1))], axis=1)[None].astype(np.float32)
    return Faces.from_boxes(box[None]).with_(landmarks=Landmarks(MESH468, mesh))


@given(
    x=st.floats(-50, 600), y=st.floats(-50, 440), size=st.floats(30, 300),
    roll_deg=st.floats(-180, 180), hiding=st.sampled_from(Hiding), seed=st.integers(0, 99),
)  # fmt: skip
def test_nothing_of_a_face_shows_through_not_even_at_the_feathered_rim(
    x: float, y: float, size: float, roll_deg: float, hiding: Hiding, seed: int
) -> None:
    faces = head(x, y, size, roll_deg)
    assert faces.landmarks is not None
    hull = cv2.convexHull(np.rint(faces.landmarks.xy[0]).astype(np.int32))
    inside = cv2.fillConvexPoly(np.zeros((480, 640), np.uint8), hull, 1)
    picture = np.full((480, 640, 3), 128, np.uint8)
    # The finest detail there is, in the face alone: every pixel differs from its neighbours.
    checks = (np.indices((480, 640)).sum(axis=0) + seed) % 2 * 80 - 40
    detailed = np.clip(128 + checks[..., None] * inside[..., None], 0, 255).astype(np.uint8)
    detailed = np.broadcast_to(detailed, picture.shape).copy()
    hide_ovals(detailed, face_ovals(faces), hiding)
    within = detailed[inside > 0].astype(int)
    assert abs(within - 128).max(initial=0) <= 8


@pytest.mark.parametrize("roll_deg", [0, 30, 60, 90, 180])
def test_an_oval_turns_with_the_head(roll_deg: float) -> None:
    ((_, _, across, along, angle),) = face_ovals(head(200, 150, 100, roll_deg))
    assert along > 1.1 * across
    assert abs((angle - roll_deg + 90) % 180 - 90) < 3


def test_far_from_a_face_nothing_is_hidden() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    frame = picture.copy()
    hide_ovals(frame, face_ovals(Faces.from_boxes([[300, 200, 340, 250]])), Hiding.BLUR)
    changed = np.argwhere((frame != picture).any(axis=2))
    assert (changed.min(axis=0) > (170, 260)).all()
    assert (changed.max(axis=0) < (280, 380)).all()


def test_a_face_without_attributes_is_a_number_and_in_a_crowd_an_icon_says_its_mask() -> None:
    face = one_face(0, 0, 9, 9)
    full = face_lines(face, 0, DrawSettings())
    assert [line.icon for line in full] == ["mask-without_mask", "emotion-happy"]
    brief = short_line(face, 0, full)
    assert brief is not None
    assert (brief.text, brief.icon) == ("#7", "mask-without_mask")
    assert short_line(face, 0, []) is None


def test_boxes_are_coloured_by_mask_emotion_or_track() -> None:
    face = one_face(100, 100, 200, 220)
    drawn = []
    for colour_by in ("", "mask", "emotion", TRACK):
        frame = grey()
        draw_result(frame, face, DrawSettings(labels=False, colour_by=colour_by))
        drawn.append(tuple(frame[160, 100].tolist()))
    assert drawn[:3] == [MASK.colours["without_mask"]] * 2 + [EMOTION.colours["happy"]]
    assert len(set(drawn)) == 3


def test_a_box_has_round_corners_and_lines_of_even_width() -> None:
    frame = grey()
    draw_result(frame, Faces.from_boxes([[100, 100, 300, 300]]), DrawSettings(labels=False))
    changed = (frame != 128).any(axis=2)
    assert not changed[99:102, 99:102].any()
    for line in (changed[200, 90:110], changed[200, 290:310], changed[90:110, 200]):
        assert line.sum() == 2
