"""The face detectors by name: a new one is a new file and one entry here.

A name may go on after a colon: `mtcnn:0.5/0.6` sets the thresholds of MTCNN's first two networks,
`ensemble:blazeface-full+mtcnn` the members of an ensemble.
"""

from __future__ import annotations

from dataclasses import replace

from realtime.detect.blazeface import FULL_RANGE, SHORT_RANGE, BlazeFace
from realtime.detect.ensemble import Ensemble, Member
from realtime.detect.entry import DetectorEntry, DetectorMissingError
from realtime.detect.facestream import FaceStreamDetector, network_file
from realtime.detect.haar import HaarCascade, cascade_path
from realtime.detect.hog import HogDetector
from realtime.detect.mtcnn import Mtcnn, MtcnnThresholds, weight_files
from realtime.detect.types import Detector
from realtime.inference.mediapipe_files import network_path

# The best of the ensembles tried; docs/detection.md has the others.
USUAL_MEMBERS = ("facestream-1600", "facestream-416", "mtcnn")
# Least and sure score of an ensemble by its number of members, chosen as those of its members are.
ENSEMBLE_SCORES = {2: (0.32, 0.43), 3: (0.39, 0.4)}
SLOW = "{} takes {} for a frame, too long for a stream: choose it on the Photos page."


# Our own detector, for pictures of any size.
OURS = DetectorEntry(
    lambda threads: FaceStreamDetector((640,), threads=threads),
    "FaceStream: near and far faces, masked or not",
    0.46,
    weight=0.91,
    sure_score=0.57,
    box_shift=(0.0, 0.01, 0.03, 0.01),
    multi_scale=True,
    files=lambda: [network_file()],
)

DETECTORS: dict[str, DetectorEntry] = {
    "facestream": replace(OURS, between="facestream-416", still="facestream-1600"),
    "facestream-416": replace(
        OURS,
        create=lambda threads: FaceStreamDetector((416,), threads=threads),
        title="FaceStream at 416 px: half the time, faces within some meters",
        min_score=0.47,
        sure_score=0.48,
        box_shift=(0.02, 0.02, 0.02, 0.01),
    ),
    "facestream-1600": replace(
        OURS,
        create=lambda threads: FaceStreamDetector((320, 800, 1600), threads=threads),
        title="FaceStream at three sizes: large photos with faces of all sizes",
        min_score=0.57,
        weight=0.9,
        sure_score=0.61,
        not_live=SLOW.format("FaceStream at three sizes", "a twentieth of a second"),
    ),
    "blazeface-full": DetectorEntry(
        lambda threads: BlazeFace(FULL_RANGE, threads=threads),
        "BlazeFace full range: faces up to about 5 m away",
        0.36,
        weight=0.73,
        box_shift=(0.06, -0.03, -0.03, 0.07),
        repeated_min_score=0.5,
        files=lambda: [network_path(FULL_RANGE.file)],
    ),
    "blazeface-short": DetectorEntry(
        lambda threads: BlazeFace(SHORT_RANGE, threads=threads),
        "BlazeFace short range: fastest, faces within about 2 m",
        0.53,
        weight=0.43,
        box_shift=(0.07, -0.01, -0.08, -0.01),
        repeated_min_score=0.5,
        files=lambda: [network_path(SHORT_RANGE.file)],
    ),
    "mtcnn": DetectorEntry(
        lambda _: Mtcnn(),
        "MTCNN: small and crowded faces; slow, and takes seconds to load",
        0.86,
        weight=0.83,
        box_shift=(0.01, 0.08, 0.05, 0.06),
        sure_score=0.97,
        multi_scale=True,
        photo_limit_px=1024,  # a crowd of 600 at 1600 px: 49 s and 5.6 GB; at 1024: 12 s, 2.9 GB
        not_live=SLOW.format("MTCNN", "an eighth of a second"),
        packages=("mtcnn", "tensorflow"),
        files=weight_files,
    ),
    "haar": DetectorEntry(
        lambda _: HaarCascade(),
        "OpenCV Haar cascade: frontal faces, the classic of 2001; slow",
        0.11,
        weight=0.5,
        box_shift=(0.12, 0.05, -0.11, 0.03),
        sure_score=0.99,
        multi_scale=True,
        not_live=SLOW.format("The Haar cascade", "a seventh of a second"),
        files=lambda: [cascade_path()],
    ),
    "hog": DetectorEntry(
        lambda _: HogDetector(),
        "dlib HOG: frontal faces from 40 pixels on; slow",
        0.17,
        weight=0.61,
        box_shift=(0.09, -0.05, -0.07, 0.02),
        sure_score=0.9,
        multi_scale=True,
        not_live=SLOW.format("dlib's HOG detector", "a fourteenth of a second"),
        packages=("dlib",),
    ),
}


def detector_entry(name: str) -> DetectorEntry:
    """The entry of that name, made to measure where the name goes on after a colon.

    Raises:
        ValueError: there is none, or what follows the colon cannot be; the message says what can.
    """
    base, colon, rest = name.partition(":")
    if colon and base == "mtcnn":
        return _mtcnn(rest)
    if colon and base == "ensemble":
        return _ensemble(tuple(rest.split("+")))
    if name not in DETECTORS:
        raise ValueError(f"There is no detector {name!r}: choose one of {', '.join(DETECTORS)}.")
    return DETECTORS[name]


def live_names() -> list[str]:
    """The detectors fast enough for a stream or a request, as far as their packages are there."""
    return [name for name, entry in DETECTORS.items() if not (entry.not_live or entry.missing)]


def create_detector(name: str, *, threads: int = 1) -> Detector:
    """Make the detector of that name.

    Raises:
        ValueError: there is none; the message lists those there are.
        DetectorMissingError: a package that it needs is not installed.
    """
    entry = detector_entry(name)
    if entry.missing:
        raise DetectorMissingError(entry.missing)
    return entry.create(threads)


def mtcnn_name(thresholds: MtcnnThresholds) -> str:
    """The name under which MTCNN has these thresholds."""
    if thresholds == MtcnnThresholds():
        return "mtcnn"
    return f"mtcnn:{thresholds.propose:g}/{thresholds.refine:g}"


def _mtcnn(words: str) -> DetectorEntry:
    try:
        propose, refine = (float(word) for word in words.split("/"))
        thresholds = MtcnnThresholds(propose, refine)
    except ValueError:
        raise ValueError(
            f"mtcnn:{words} cannot be: give two thresholds between 0 and 1, as in mtcnn:0.6/0.7."
        ) from None
    return replace(DETECTORS["mtcnn"], create=lambda _: Mtcnn(thresholds))


def _ensemble(names: tuple[str, ...]) -> DetectorEntry:
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(
            "An ensemble needs two detectors or more, each once, as in "
            f"ensemble:{'+'.join(USUAL_MEMBERS)}."
        )
    if any(name.partition(":")[0] == "ensemble" for name in names):
        raise ValueError("An ensemble cannot be a member of another.")
    entries = [detector_entry(name) for name in names]
    members = {
        n: Member(e.min_score, e.weight, e.box_shift) for n, e in zip(names, entries, strict=True)
    }
    min_score, sure_score = ENSEMBLE_SCORES[min(len(names), max(ENSEMBLE_SCORES))]
    slow = [entry.name for entry in entries if entry.not_live]
    packages = [package for entry in entries for package in entry.packages]
    return DetectorEntry(
        lambda threads: Ensemble(
            [create_detector(name, threads=threads) for name in names], list(members.values())
        ),
        f"Ensemble of {' and '.join(entry.name for entry in entries)}: what they agree on; takes "
        "as long as all together",
        min_score,
        sure_score=sure_score,
        multi_scale=any(entry.multi_scale for entry in entries),
        not_live=f"The ensemble is too slow for a stream with {' and '.join(slow)}: choose it on "
        "the Photos page."
        if slow
        else "",
        packages=tuple(dict.fromkeys(packages)),
        files=lambda: [path for entry in entries for path in entry.files()],
        photo_limit_px=min(entry.photo_limit_px for entry in entries),
        members=members,
    )


DETECTORS["ensemble"] = _ensemble(USUAL_MEMBERS)
