"""The options of the command `watch`."""

from __future__ import annotations

import argparse
from pathlib import Path

from realtime.events.rule_settings import parse_rule
from realtime.events.rules import DEFAULT_RULES, RULES, Rule, RuleError
from realtime.events.sinks.home_assistant import DEFAULT_DISCOVERY
from realtime.events.sinks.registry import SINKS


def add_watch_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that only `watch` has."""
    parser.add_argument(
        "source", metavar="SOURCE", help="rtsp:// or http:// camera, /dev/videoN, or a video file"
    )
    parser.add_argument("--name", default="", help="name of the source in events and topics")
    parser.add_argument("--loop", action="store_true", help="start a file again at its end")
    parser.add_argument(
        "--retries",
        type=_count,
        metavar="N",
        help="end after N failed attempts to reach a camera (default: never)",
    )
    parser.add_argument(
        "--rule",
        action="append",
        default=[],
        type=_rule,
        metavar="KIND[:KEY=VALUE,…]",
        help=f"what is an event: {', '.join(RULES)}, with settings such as "
        "emotion:emotion=sad,threshold=0.8,for_s=5; may be repeated (default: "
        f"{' and '.join(rule.kind for rule in DEFAULT_RULES)})",
    )
    parser.add_argument("--rules", type=Path, metavar="FILE", help="read rules from a TOML file")
    for entry in SINKS:
        parser.add_argument(f"--{entry.option}", metavar=entry.metavar, help=entry.help)
    parser.add_argument(
        "--mqtt-discovery",
        default=DEFAULT_DISCOVERY,
        metavar="TOPIC",
        help='Home Assistant\'s discovery topic; "" announces nothing (default: %(default)s)',
    )
    parser.add_argument(
        "--jsonl", metavar="FILE", help="append each frame's result as a JSON line; - is stdout"
    )
    parser.add_argument(
        "--serve",
        metavar="HOST:PORT",
        help="send results and events to readers of a WebSocket; on other addresses than "
        "localhost they need the token in FACESTREAM_WATCH_TOKEN",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="a site whose pages may read that WebSocket; may be repeated",
    )
    parser.add_argument(
        "--stats", action="store_true", help="print figures every 10 s and at the end"
    )


def _rule(text: str) -> Rule:
    try:
        return parse_rule(text)
    except RuleError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"must be a whole number, got {text}")
    return int(text)
