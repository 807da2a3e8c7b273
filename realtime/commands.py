"""The commands `photo`, `video` and `watch`: from parsed options to an exit code."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from realtime.attribute.registry import GENDER, default_names
from realtime.core.errors import FaceStreamError
from realtime.core.faces import FrameResult
from realtime.core.quiet import silent_stderr
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import MAX_FACES, analyze_photo
from realtime.engine.pipeline import Pipeline
from realtime.media.limits import MAX_LOCAL_VIDEO_INDEX_BYTES
from realtime.media.pictures import SUFFIXES, PictureError, read_picture
from realtime.media.video_check import check_video
from realtime.output.coco import coco_dataset
from realtime.output.files import ExportError, PictureFolders, open_output
from realtime.output.label_studio import label_studio_tasks
from realtime.output.records import frame_record, photo_record
from realtime.render.captions import describe
from realtime.video import TimedFrame, VideoReader, VideoWriter, annotate


class NetworksError(FaceStreamError):
    """The networks cannot be loaded."""


def run_photo(args: argparse.Namespace) -> int:
    """Analyse every picture; one that fails does not stop the others."""
    code, records, networks = 0, [], None
    boxes: list[tuple[str, FrameResult]] = []  # without landmarks, for COCO and Label Studio
    outputs = [target for target in (args.json, args.coco, args.label_studio) if target]
    if outputs.count("-") > 1:
        raise ExportError("Only one file can go to stdout: name the others.")
    draw = DrawSettings(measures=args.measures or args.gaze)
    pictures = PictureFolders(annotated=args.annotated, crops=args.crops, draw=draw)
    settings = settings_from(args, max_faces=MAX_FACES)
    for path in _pictures(args.images):
        if isinstance(path, PictureError):
            code = print_error(str(path))
            continue
        try:
            frame = read_picture(path)
            networks = networks or _load(settings, threads=os.cpu_count() or 1)
            result = analyze_photo(networks, frame, settings)
            records.append(photo_record(str(path), result))
            boxes.append((str(path), replace(result, faces=result.faces.with_(landmarks=None))))
            pictures.write(path.stem, frame, result)
        except (PictureError, ExportError) as error:
            code = print_error(f"{path}: {error}")
            continue
        except FaceStreamError:
            raise  # a missing detector concerns all pictures
        except Exception as error:
            logging.getLogger(__name__).debug("%s", path, exc_info=True)
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            code = print_error(f"{path}: The analysis failed ({reason}). Try a smaller copy.")
            continue
        if not args.json and "-" not in outputs:
            print(f"{path}: {describe(result)}")
    _write_json(args.json, records)
    _write_json(args.coco, coco_dataset(boxes) if args.coco else None)
    _write_json(args.label_studio, label_studio_tasks(boxes) if args.label_studio else None)
    return code


def run_video(args: argparse.Namespace) -> int:
    """Analyse a video frame by frame."""
    from tqdm import tqdm

    settings, draw = settings_from(args), DrawSettings(measures=args.measures or args.gaze)
    ids, frames = set[int](), 0
    for target in (args.out, Path(args.jsonl) if args.jsonl else None):
        if target is not None and target.resolve() == args.video.resolve():
            raise ExportError(f"{target} is the input itself: choose another name to write to.")
    check_video(args.video, str(args.video), max_bytes=MAX_LOCAL_VIDEO_INDEX_BYTES)
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


def run_watch(args: argparse.Namespace) -> int:
    """Watch a camera or file; see `realtime.watch.command`."""
    from realtime.watch.command import watch

    return watch(args, settings_from(args), lambda settings: _load(settings, threads=1))


def _write_json(target: str | None, data: Any) -> None:
    if target:
        with open_output(target, sys.stdout) as file:
            json.dump(data, file, ensure_ascii=False)
            file.write("\n")


def settings_from(args: argparse.Namespace, **more: Any) -> AnalysisSettings:
    """The settings that the common options ask for."""
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
        with silent_stderr():
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


def print_error(sentence: str, code: int = 1) -> int:
    """Print a sentence on stderr; returns the exit code."""
    print(sentence, file=sys.stderr)
    return code
