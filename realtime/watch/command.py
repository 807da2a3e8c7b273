"""The command `watch`: from parsed options to a running loop and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from realtime.attribute.registry import names
from realtime.core.errors import FaceStreamError
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.events.engine import EventEngine
from realtime.events.rule_settings import attributes_of, check_rules, read_rules
from realtime.events.rules import DEFAULT_RULES, Rule, RuleError
from realtime.events.sinks.lines import LineWriter
from realtime.events.sinks.registry import SINKS
from realtime.events.sinks.stats import SinkStats
from realtime.events.sinks.types import Sink, SinkContext
from realtime.output.files import ExportError
from realtime.watch.loop import FrameLines, FrameOutput, WatchLoop
from realtime.watch.reader import SourceReader
from realtime.watch.source import SourceError, find_source
from realtime.watch.stop import stop_on_signals

CLOSE_S = 3.0  # for events that are still on their way at the end


def watch(
    args: argparse.Namespace,
    settings: AnalysisSettings,
    load: Callable[[AnalysisSettings], Networks],
) -> int:
    """Watch until the source ends or the process is told to stop; returns the exit code.

    Raises:
        FaceStreamError: the source, a rule or a sink cannot be used.
    """
    source = find_source(args.source, args.name)
    source.check()
    rules = chosen_rules(args)
    settings = _with_attributes(settings, rules, explicit=args.attributes is not None)
    with ExitStack() as stack:
        stop = stack.enter_context(stop_on_signals())
        context = SinkContext(
            source=source.name, rules=rules, environ=os.environ, report=_report,
            clock=time.monotonic, stop=stop.close_output, discovery=args.mqtt_discovery,
        )  # fmt: skip
        line_stats = SinkStats()
        outputs = list(_outputs(args, context, stack, line_stats))
        sinks = _sinks(args, context)
        stack.callback(_close, sinks)
        pipeline = Pipeline(load(settings), settings)
        reader = SourceReader(
            source,
            report=_report,
            on_online=lambda online: loop.set_online(online),
            repeat=args.loop,
            retries=args.retries,
        )
        loop = WatchLoop(
            reader, pipeline, EventEngine(rules), source.name, sinks=sinks, outputs=outputs
        )
        stop.ends(loop)
        try:
            loop.run(on_figures=_report if args.stats else None)
        except RuntimeError as error:
            raise SourceError(f"{source.name}: {error}.") from error
    if args.stats:
        _report(loop.describe())
    figures = {sink.name: sink.stats for sink in sinks} | {"Frames": line_stats}
    for name, stats in figures.items():
        if stats.dropped or (args.stats and stats.delivered):
            _report(f"{name}: {stats.describe()}")
    if reader.error is not None:
        _report(reader.error)
        return 1
    return 1 if stop.output_closed else 0


def chosen_rules(args: argparse.Namespace) -> list[Rule]:
    """The rules of the options `--rules` and `--rule`, else the default ones.

    Raises:
        RuleError: the file is invalid, or two rules have the same name.
    """
    rules = [] if args.rules is None else read_rules(args.rules)
    return check_rules([*rules, *args.rule] or DEFAULT_RULES)


def _outputs(
    args: argparse.Namespace, context: SinkContext, stack: ExitStack, line_stats: SinkStats
) -> Iterator[FrameOutput]:
    if args.jsonl:
        if args.jsonl == "-" and args.events == "-":
            raise ExportError("Only one of --jsonl and --events can go to stdout.")
        lines = LineWriter(args.jsonl, context, line_stats)
        stack.callback(lines.close, CLOSE_S)
        yield FrameLines(lines.offer)
    if args.serve:
        from realtime.watch.serve import ResultsServer, serve_settings

        server = ResultsServer(serve_settings(args.serve, context.environ, args.allow_origin))
        stack.callback(server.close)
        _report(f"Results at {server.url}")
        yield server.hub


def _sinks(args: argparse.Namespace, context: SinkContext) -> list[Sink]:
    chosen = {entry.option: getattr(args, entry.option) for entry in SINKS}
    if not any(chosen.values()) and args.jsonl != "-":
        chosen["events"] = "-"
    sinks: list[Sink] = []
    try:
        for entry in SINKS:
            if chosen[entry.option]:
                sinks.append(entry.open(chosen[entry.option], context))
    except FaceStreamError:
        _close(sinks)
        raise
    return sinks


def _close(sinks: Sequence[Sink]) -> None:
    deadline_s = time.monotonic() + CLOSE_S
    for sink in sinks:
        sink.close(max(0.1, deadline_s - time.monotonic()))


def _with_attributes(
    settings: AnalysisSettings, rules: Sequence[Rule], *, explicit: bool
) -> AnalysisSettings:
    """The settings with what the rules need; an error if the user has switched that off."""
    on, needed = names(settings), attributes_of(rules)
    if explicit and not needed <= on:
        missing = sorted(needed - on)[0]
        raise RuleError(f"A rule needs the attribute {missing}: add it to --attributes.")
    return replace(settings, attributes=on | needed)


def _report(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
