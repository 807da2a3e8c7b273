"""The command line: `python -m realtime photo IMAGE…` and `python -m realtime video IN`.

Exit codes: 0 all went well, 1 some input failed (a sentence each on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from realtime.attribute.registry import ATTRIBUTES, GENDER, check_names, default_names
from realtime.core.errors import FaceStreamError
from realtime.core.faces import FrameResult
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.detect import DETECTORS, detector_entry
from realtime.engine.networks import Networks
from realtime.engine.photo import MAX_FACES, analyze_photo
from realtime.engine.pipeline import Pipeline
from realtime.landmark.registry import LANDMARKERS
from realtime.media.pictures import SUFFIXES, PictureError, read_picture
from realtime.output.files import ExportError, PictureFolders, open_output
from realtime.output.records import frame_record, photo_record
from realtime.render.captions import describe
from realtime.video import TimedFrame, VideoReader, VideoWriter, annotate


class NetworksError(FaceStreamError):
    """The networks cannot be loaded."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = build_parser()
    args = parser.parse_args(argv)
    if args.landmarks_file is not None and not LANDMARKERS[args.landmarks].takes_file:
        takers = [name for name, entry in LANDMARKERS.items() if entry.takes_file]
        parser.error(f"--landmarks-file needs --landmarks {' or '.join(takers)}")
    try:
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except FaceStreamError as error:
        return _complain(str(error))
    except BrokenPipeError:  # `| head` has closed the pipe; avoid the same error at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return _complain("Interrupted.", 130)


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
        choices=list(LANDMARKERS),
        default=AnalysisSettings().landmarks,
        help="the points of each face; faces are always found and followed by the mesh",
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
    photo.add_argument("--annotated", type=Path, metavar="DIR", help="write annotated pictures")
    photo.add_argument("--crops", type=Path, metavar="DIR", help="write each face as a PNG")
    photo.set_defaults(run=run_photo)

    video = commands.add_parser("video", parents=[common], help="analyse a video")
    video.add_argument("video", type=Path, metavar="IN")
    video.add_argument("--out", type=_mp4, metavar="OUT.mp4", help="write the annotated video")
    video.add_argument("--jsonl", metavar="FILE", help="write one JSON line per frame; - is stdout")
    video.set_defaults(run=run_video)
    return parser


def run_photo(args: argparse.Namespace) -> int:
    """Analyse every picture; one that fails does not stop the others."""
    code, records, networks = 0, [], None
    draw = DrawSettings(measures=args.measures or args.gaze)
    pictures = PictureFolders(annotated=args.annotated, crops=args.crops, draw=draw)
    settings = _settings(args, max_faces=MAX_FACES)
    for path in _pictures(args.images):
        if isinstance(path, PictureError):
            code = _complain(str(path))
            continue
        try:
            frame = read_picture(path)
            networks = networks or _load(settings, threads=os.cpu_count() or 1)
            result = analyze_photo(networks, frame, settings)
            records.append(photo_record(str(path), result))
            pictures.write(path.stem, frame, result)
        except (PictureError, ExportError) as error:
            code = _complain(f"{path}: {error}")
            continue
        except FaceStreamError:
            raise  # a missing detector concerns all pictures
        except Exception as error:
            logging.getLogger(__name__).debug("%s", path, exc_info=True)
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            code = _complain(f"{path}: The analysis failed ({reason}). Try a smaller copy.")
            continue
        if not args.json:
            print(f"{path}: {describe(result)}")
    if args.json:
        with open_output(args.json, sys.stdout) as file:
            json.dump(records, file, ensure_ascii=False)
            file.write("\n")
    return code


def run_video(args: argparse.Namespace) -> int:
    """Analyse a video frame by frame."""
    from tqdm import tqdm

    settings, draw = _settings(args), DrawSettings(measures=args.measures or args.gaze)
    ids, frames = set[int](), 0
    for target in (args.out, Path(args.jsonl) if args.jsonl else None):
        if target is not None and target.resolve() == args.video.resolve():
            raise ExportError(f"{target} is the input itself: choose another name to write to.")
    with VideoReader(args.video) as reader:
        # Reading, analysis and writing fill the cores by themselves.
        pipeline = Pipeline(_load(settings, threads=1), settings)
        with (
            VideoWriter(args.out, rate=reader.rate, sound_of=reader)
            if args.out
            else nullcontext() as writer,
            open_output(args.jsonl, sys.stdout) if args.jsonl else nullcontext() as lines,
            tqdm(total=reader.frames, unit=" frames", desc=args.video.name) as progress,
        ):

            def write(frame: TimedFrame, result: FrameResult) -> None:
                nonlocal frames
                if lines is not None:
                    record = frame_record(str(args.video), frame.number, result)
                    lines.write(json.dumps(record, ensure_ascii=False) + "\n")
                if result.faces.track_id is not None:
                    ids.update(result.faces.track_id.tolist())
                frames = frame.number + 1
                progress.update()

            annotate(reader, pipeline, write, writer=writer, draw=draw)
    if reader.damaged:
        print(f"{args.video}: {reader.damaged} damaged parts were skipped.", file=sys.stderr)
    if not args.jsonl:
        faces = f"{len(ids)} face{'' if len(ids) == 1 else 's'}"
        print(f"{args.video}: {frames} frames, {faces}")
    return 0


def _settings(args: argparse.Namespace, **more: Any) -> AnalysisSettings:
    on = default_names() if args.attributes is None else args.attributes
    return AnalysisSettings(
        detector=args.detector,
        min_score=args.min_score,
        attributes=on | {GENDER.name} if args.gender else on,
        unsure=args.unsure,
        landmarks=args.landmarks,
        landmarks_file=None if args.landmarks_file is None else str(args.landmarks_file),
        measures=args.measures,
        gaze=args.gaze,
        **more,
    )


def _load(settings: AnalysisSettings, *, threads: int) -> Networks:
    try:
        with _silent_stderr():
            networks = Networks(threads=threads)
            networks.warm_up(settings, faces=1)
    except (FileNotFoundError, FaceStreamError) as error:
        raise NetworksError(str(error)) from error
    return networks


def _pictures(inputs: Sequence[Path]) -> Iterator[Path | PictureError]:
    """The files among the inputs, and those in folders, sorted by name."""
    for path in inputs:
        if not path.is_dir():
            yield path
            continue
        try:
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
        except OSError as error:
            yield PictureError(f"{path}: The folder cannot be read ({error.strerror}).")
            continue
        if not inside:
            yield PictureError(f"{path}: The folder has no JPEG, PNG or WebP files.")
        yield from inside


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Silence LiteRT, which writes INFO lines straight to the file descriptor."""
    sys.stderr.flush()
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def _complain(sentence: str, code: int = 1) -> int:
    print(sentence, file=sys.stderr)
    return code


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
