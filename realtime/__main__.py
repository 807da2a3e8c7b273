"""The command line, `python -m realtime COMMAND`: `photo`, `video`, `watch`, `bulk` and `ask`.

Exit codes: 0 all went well, 1 some input failed (a sentence each on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from realtime.archive_commands import add_archive_commands
from realtime.attribute.registry import ATTRIBUTES, check_names, default_names
from realtime.commands import print_error, run_photo, run_video, run_watch
from realtime.core.errors import FaceStreamError
from realtime.core.extras import missing_module, run_command
from realtime.core.settings import AnalysisSettings
from realtime.detect import DETECTORS, detector_entry
from realtime.landmark.registry import ALIASES, LANDMARKERS
from realtime.watch.options import add_watch_options

# Commands for operators, which have parsers of their own.
OPERATORS = {
    "serve": "realtime.serve.__main__",
    "config": "realtime.server.commands",
    "token": "realtime.server.commands",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    name, *rest = [*(sys.argv[1:] if argv is None else argv)] or [""]
    if name in OPERATORS:
        module = importlib.import_module(OPERATORS[name])
        arguments = rest if name == "serve" else [name, *rest]
        return run_command(lambda: int(module.main(arguments)), "serve")
    parser = build_parser()
    args = parser.parse_args(argv)
    if (
        getattr(args, "landmarks_file", None) is not None
        and not LANDMARKERS[args.landmarks].takes_file
    ):
        takers = [name for name, entry in LANDMARKERS.items() if entry.takes_file]
        parser.error(f"--landmarks-file needs --landmarks {' or '.join(takers)}")
    try:
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except FaceStreamError as error:
        return print_error(str(error))
    except ModuleNotFoundError as error:
        return print_error(missing_module(error, *getattr(args, "extras", ())))
    except BrokenPipeError:  # `| head` has closed the pipe; avoid the same error at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return print_error("Interrupted.", 130)


def build_parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(prog="python -m realtime", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--detector",
        type=_detector,
        default=AnalysisSettings().detector,
        metavar="NAME",
        help=f"one of {', '.join(DETECTORS)}; mtcnn:0.6/0.7 sets the thresholds of MTCNN's first "
        "two networks, ensemble:mtcnn+blazeface-full the members (default: %(default)s)",
    )
    common.add_argument(
        "--min-score",
        type=_score,
        help="detection threshold, 0 to 1; each detector has its own default",
    )
    common.add_argument(
        "--landmarks",
        type=lambda name: ALIASES.get(name, name),
        choices=list(LANDMARKERS),
        default=AnalysisSettings().landmarks,
        help="the points of each face; 68 stands for cnn68; faces are always found and followed "
        "by the mesh",
    )
    common.add_argument(
        "--landmarks-file",
        type=Path,
        metavar="FILE.dat",
        help="a dlib shape predictor for --landmarks dlib68, such as "
        "shape_predictor_68_face_landmarks.dat",
    )
    common.add_argument(
        "--measures",
        action="store_true",
        help="report head pose, how far eyes and mouth are open, and in a video the blinks",
    )
    common.add_argument("--gaze", action="store_true", help="report where the eyes look")
    common.add_argument(
        "--no-unsure",
        dest="unsure",
        action="store_false",
        help='always report the best guess instead of "unsure"',
    )

    common.add_argument(
        "--attributes",
        type=_attributes,
        default=None,
        metavar="NAME,…",
        help=f"what to classify: any of {', '.join(ATTRIBUTES)}, or none "
        f"(default: {','.join(a for a in ATTRIBUTES if a in default_names())})",
    )
    common.add_argument("--gender", action="store_true", help="classify gender too")

    photo = commands.add_parser("photo", parents=[common], help="analyse photos")
    photo.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGE", help="a picture or a folder of pictures"
    )
    photo.add_argument("--json", metavar="FILE", help="write the results as JSON; - is stdout")
    photo.add_argument("--coco", metavar="FILE", help="write boxes and labels in COCO's format")
    photo.add_argument(
        "--label-studio", metavar="FILE", help="write predictions to import into Label Studio"
    )
    photo.add_argument("--annotated", type=Path, metavar="DIR", help="write annotated pictures")
    photo.add_argument("--crops", type=Path, metavar="DIR", help="write each face as a PNG")
    photo.set_defaults(run=run_photo)

    video = commands.add_parser("video", parents=[common], help="analyse a video")
    video.add_argument("video", type=Path, metavar="IN")
    video.add_argument("--out", type=_mp4, metavar="OUT.mp4", help="write the annotated video")
    video.add_argument("--jsonl", metavar="FILE", help="write one JSON line per frame; - is stdout")
    video.set_defaults(run=run_video)

    watch = commands.add_parser(
        "watch", parents=[common], help="watch a camera or file, and report events"
    )
    add_watch_options(watch)
    watch.set_defaults(run=run_watch)
    add_archive_commands(commands, common)
    return parser


def _detector(name: str) -> str:
    try:
        detector_entry(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return name


def _attributes(text: str) -> frozenset[str]:
    on = frozenset(name for name in text.split(",") if name and name != "none")
    try:
        check_names(on)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return on


def _score(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"must be between 0 and 1, got {text}")
    return value


def _mp4(text: str) -> Path:
    if Path(text).suffix.lower() != ".mp4":
        raise argparse.ArgumentTypeError(f"must end in .mp4, got {text}")
    return Path(text)


if __name__ == "__main__":
    sys.exit(main())
