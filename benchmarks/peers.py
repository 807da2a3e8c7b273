"""FaceStream beside other programs: CPU time per frame and faces found, on the same frames.

Each program runs in a process of its own on one core, and all take turns.
"""

from __future__ import annotations

import argparse
import random
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.environment import describe_environment, format_environment
from benchmarks.peer_process import PeerProcess
from benchmarks.peer_programs import OURS, PEERS, Options
from benchmarks.peers_plot import plot_peers
from training.progress import progress

if TYPE_CHECKING:
    from benchmarks.human_peer import HumanPeer

TURN_FRAMES, TURN_SECONDS = 30, 2.0
WARM_UP_FRAMES, WARM_UP_SECONDS = 60, 8.0
REFERENCE = "facemesh"  # ratios are to this one's CPU time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks peers`."""
    parser.add_argument(
        "--peers", nargs="+", choices=list(PEERS), default=list(PEERS), metavar="NAME",
        help=f"programs: {', '.join(PEERS)} (default: all that can run)",
    )  # fmt: skip
    parser.add_argument(
        "--faces", type=int, nargs="*", default=[1, 2], metavar="N",
        help="scenes of moving faces, by number (default: 1 2)",
    )  # fmt: skip
    parser.add_argument(
        "--clips", type=Path, nargs="*", default=[], metavar="FILE", help="real clips as well"
    )
    parser.add_argument(
        "--rounds", type=int, default=10, help="turns of each program (default: %(default)s)"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a plot as well")
    parser.add_argument("--yunet", type=Path, metavar="FILE", help="YuNet's ONNX file for OpenCV")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run all programs alternately on each scene.

    Raises:
        RuntimeError: a program stopped.
        OSError: a clip cannot be read.
    """
    for path in [*args.clips, *([args.yunet] if args.yunet else [])]:
        if not path.is_file():
            raise OSError(f"there is no file {path}")
    header = describe_environment()
    names = list(dict.fromkeys([*args.peers, OURS, REFERENCE]))
    left_out = {name: PEERS[name].missing(Options(max_faces=1, yunet=args.yunet)) for name in names}
    names = [name for name in names if not left_out[name]]
    scenes = [(f"{n} moving face{'s' * (n != 1)}", str(n), n) for n in args.faces]
    scenes += [(path.stem, str(path), 0) for path in args.clips]
    rows = []
    steps = progress(len(scenes) * args.rounds, "rounds")
    for title, scene, faces in scenes:
        options = Options(max_faces=faces or 4, yunet=args.yunet)
        with ExitStack() as stack:
            processes: dict[str, PeerProcess | HumanPeer] = {}
            for name in names:
                processes[name] = _start(name, scene, options)
                stack.enter_context(processes[name])
            for process in processes.values():
                process.turn(WARM_UP_FRAMES, WARM_UP_SECONDS)
            taken: dict[str, list[dict[str, list[float]]]] = {name: [] for name in names}
            for _ in range(args.rounds):
                for name in random.sample(names, len(names)):
                    taken[name].append(processes[name].turn(TURN_FRAMES, TURN_SECONDS))
                steps.update()
        means = {name: summarize(turns) for name, turns in taken.items()}
        reference = means[REFERENCE]["cpu_ms"]
        for name, row in means.items():
            ratio = round(row["cpu_ms"] / reference, 3)
            rows.append({"scene": title, "faces": faces, "peer": name, **row, "ratio": ratio})
    steps.close()
    if args.plot:
        plot_peers(rows, args.plot)
    return {
        "benchmark": "peers",
        "header": header,
        "reference": REFERENCE,
        "rows": rows,
        "leaves_out": {name: PEERS[name].leaves_out for name in names},
        "not_run": {name: why for name, why in left_out.items() if why},
    }


def _start(name: str, scene: str, options: Options) -> PeerProcess | HumanPeer:
    if PEERS[name].create is None:
        from benchmarks.human_peer import HumanPeer

        return HumanPeer(scene, options.max_faces)
    return PeerProcess(name, scene, options)


def summarize(turns: list[dict[str, list[float]]]) -> dict[str, float]:
    """Mean, median and 95th percentile of the CPU time per frame, and the mean of faces found."""
    cpu_ms = np.concatenate([turn["cpu_ms"] for turn in turns])
    faces = np.concatenate([turn["faces"] for turn in turns])
    return {
        "n": len(cpu_ms),
        "cpu_ms": round(float(cpu_ms.mean()), 3),
        "p50": round(float(np.median(cpu_ms)), 3),
        "p95": round(float(np.percentile(cpu_ms, 95)), 3),
        "found": round(float(faces.mean()), 3),
    }


def report(results: dict[str, Any]) -> str:
    """Format the results as a table per scene; ratios are of the CPU time per frame."""
    reference = PEERS[results["reference"]].title
    lines = [format_environment(results["header"]), "", f"CPU time per frame; {reference} = 1"]
    scene = None
    for row in results["rows"]:
        if row["scene"] != scene:
            scene = row["scene"]
            head = f"{'ratio':>7}{'mean ms':>9}{'p95/p50':>9}{'found':>7}{'n':>6}"
            lines += ["", f"{scene:<40}{head}"]
        lines.append(
            f"{PEERS[row['peer']].title:<40}{row['ratio']:>7.2f}{row['cpu_ms']:>9.2f}"
            f"{row['p95'] / row['p50']:>9.2f}{row['found']:>7.2f}{row['n']:>6}"
        )
    lines += ["", "what each leaves out"]
    for name, text in results["leaves_out"].items():
        if text:
            lines.append(f"{PEERS[name].title:<40}{text}")
    lines += [f"{PEERS[name].title:<40}not run: {why}" for name, why in results["not_run"].items()]
    return "\n".join(lines)
