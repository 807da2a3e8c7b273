"""The face detectors by name. To add one, write its file and add an entry here.

A name may carry options after a colon: `mtcnn:0.5/0.6` sets the thresholds of MTCNN's first two
networks, `ensemble:blazeface-full+mtcnn` the members of an ensemble.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from realtime.detect import factories
from realtime.detect.ensemble import Ensemble, Member
from realtime.detect.entry import DetectorEntry, DetectorMissingError
from realtime.detect.types import Detector

if TYPE_CHECKING:
    from realtime.detect.mtcnn import MtcnnThresholds

# The most accurate ensemble; docs/detection.md compares it with others.
DEFAULT_MEMBERS = ("facestream-448", "facestream-1600", "mtcnn")
# `min_score` and `high_precision_score` of an ensemble by its number of members.
ENSEMBLE_SCORES = {2: (0.39, 0.4), 3: (0.4, 0.42)}
TOO_SLOW = "{} is too slow for live video: use it on the Photos page."

FACESTREAM = DetectorEntry(
    create=factories.facestream(640),
    title="FaceStream: near and far faces, masked or not",
    min_score=0.49,
    weight=0.91,
    high_precision_score=0.58,
    certain_score=0.39,
    box_shift=(0.0, 0.02, 0.02, 0.02),
    multi_scale=True,
    files=factories.facestream_files,
)

DETECTORS: dict[str, DetectorEntry] = {
    "facestream": replace(
        FACESTREAM, fast_fallback="facestream-448", photo_variant="facestream-1600"
    ),
    "facestream-448": replace(
        FACESTREAM,
        create=factories.facestream(448),
        title="FaceStream at 448 px: nearly twice as fast, faces within a few metres",
        min_score=0.42,
        weight=0.9,
        high_precision_score=0.53,
        certain_score=0.33,
        box_shift=(0.01, 0.03, 0.03, 0.02),
    ),
    "facestream-1600": replace(
        FACESTREAM,
        create=factories.facestream(320, 800, 1600),
        title="FaceStream at three sizes: large photos with faces of all sizes",
        min_score=0.56,
        high_precision_score=0.61,
        certain_score=0.44,  # 0.39 by the same rule, but then photos of gravel show faces
        box_shift=(0.01, 0.02, 0.02, 0.02),
        live_refusal=TOO_SLOW.format("FaceStream at three sizes"),
    ),
    "blazeface-full": DetectorEntry(
        create=factories.blazeface("full"),
        title="BlazeFace full range: faces up to about 5 m away",
        min_score=0.36,
        weight=0.73,
        box_shift=(0.06, -0.03, -0.03, 0.07),
        multi_pass_min_score=0.5,
        packages=("mediapipe",),
        files=factories.blazeface_files("full"),
    ),
    "blazeface-short": DetectorEntry(
        create=factories.blazeface("short"),
        title="BlazeFace short range: fastest, faces within about 2 m",
        min_score=0.53,
        weight=0.43,
        box_shift=(0.07, -0.01, -0.08, -0.01),
        multi_pass_min_score=0.5,
        packages=("mediapipe",),
        files=factories.blazeface_files("short"),
    ),
    "mtcnn": DetectorEntry(
        create=factories.mtcnn(),
        title="MTCNN: small and crowded faces; slow, takes seconds to load",
        min_score=0.86,
        weight=0.83,
        box_shift=(0.01, 0.08, 0.05, 0.06),
        high_precision_score=0.97,
        multi_scale=True,
        photo_max_side_px=1024,  # a crowd of 600: 49 s and 5.6 GB at 1600 px, 12 s and 2.9 GB here
        live_refusal=TOO_SLOW.format("MTCNN"),
        packages=("mtcnn", "tensorflow"),
        files=factories.mtcnn_files,
    ),
    "haar": DetectorEntry(
        create=factories.haar,
        title="OpenCV Haar cascade: frontal faces, the classic method of 2001; slow",
        min_score=0.11,
        weight=0.5,
        box_shift=(0.12, 0.05, -0.11, 0.03),
        high_precision_score=0.99,
        multi_scale=True,
        live_refusal=TOO_SLOW.format("The Haar cascade"),
        files=factories.haar_files,
    ),
    "hog": DetectorEntry(
        create=factories.hog,
        title="dlib HOG: frontal faces of at least 40 px; slow",
        min_score=0.17,
        weight=0.61,
        box_shift=(0.09, -0.05, -0.07, 0.02),
        high_precision_score=0.9,
        multi_scale=True,
        live_refusal=TOO_SLOW.format("dlib's HOG detector"),
        packages=("dlib",),
    ),
}


def detector_entry(name: str) -> DetectorEntry:
    """Look up a detector, applying the options after the colon in its name.

    Raises:
        ValueError: the name or its options are invalid; the message lists what is valid.
    """
    base, colon, options = name.partition(":")
    if colon and base == "mtcnn":
        return _mtcnn(options)
    if colon and base == "ensemble":
        return _ensemble(tuple(options.split("+")))
    if name not in DETECTORS:
        raise ValueError(f"Unknown detector {name!r}: choose one of {', '.join(DETECTORS)}.")
    return DETECTORS[name]


def live_detector_names() -> list[str]:
    """Names of the installed detectors that are fast enough for a stream or an API request."""
    return [name for name, entry in DETECTORS.items() if not (entry.live_refusal or entry.missing)]


def create_detector(name: str, *, threads: int = 1) -> Detector:
    """Create a detector by name.

    Raises:
        ValueError: the name or its options are invalid; the message lists what is valid.
        DetectorMissingError: a package or file that it needs is missing.
    """
    entry = detector_entry(name)
    if entry.missing:
        raise DetectorMissingError(entry.missing)
    return entry.create(threads)


def mtcnn_name(thresholds: MtcnnThresholds) -> str:
    """The detector name that gives MTCNN these thresholds."""
    from realtime.detect.mtcnn import MtcnnThresholds

    if thresholds == MtcnnThresholds():
        return "mtcnn"
    return f"mtcnn:{thresholds.propose:g}/{thresholds.refine:g}"


def _mtcnn(options: str) -> DetectorEntry:
    from realtime.detect.mtcnn import MtcnnThresholds

    try:
        propose, refine = (float(option) for option in options.split("/"))
        thresholds = MtcnnThresholds(propose, refine)
    except ValueError:
        raise ValueError(
            f"Invalid detector 'mtcnn:{options}': give two thresholds between 0 and 1, as in "
            "mtcnn:0.6/0.7."
        ) from None
    return replace(DETECTORS["mtcnn"], create=factories.mtcnn(thresholds))


def _ensemble(names: tuple[str, ...]) -> DetectorEntry:
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(
            "An ensemble needs at least two different detectors, as in "
            f"ensemble:{'+'.join(DEFAULT_MEMBERS)}."
        )
    if any(name.partition(":")[0] == "ensemble" for name in names):
        raise ValueError("An ensemble cannot contain another ensemble.")
    entries = [detector_entry(name) for name in names]
    members = {
        n: Member(e.min_score, e.weight, e.box_shift) for n, e in zip(names, entries, strict=True)
    }

    def create(threads: int) -> Detector:
        detectors = [create_detector(name, threads=threads) for name in names]
        return Ensemble(detectors, list(members.values()))

    min_score, high_precision_score = ENSEMBLE_SCORES[min(len(names), max(ENSEMBLE_SCORES))]
    slow = " and ".join(entry.name for entry in entries if entry.live_refusal)
    packages = [package for entry in entries for package in entry.packages]
    return DetectorEntry(
        create=create,
        title=f"Ensemble of {' and '.join(entry.name for entry in entries)}: merges their "
        "detections; as slow as all of them together",
        min_score=min_score,
        high_precision_score=high_precision_score,
        multi_scale=any(entry.multi_scale for entry in entries),
        live_refusal=f"An ensemble with {slow} is too slow for live video: use it on the Photos "
        "page."
        if slow
        else "",
        packages=tuple(dict.fromkeys(packages)),
        files=lambda: [path for entry in entries for path in entry.files()],
        photo_max_side_px=min(entry.photo_max_side_px for entry in entries),
        members=members,
    )


DETECTORS["ensemble"] = _ensemble(DEFAULT_MEMBERS)
