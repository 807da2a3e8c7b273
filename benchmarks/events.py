"""Delay of events: from the moment a camera sends the picture to a receiver's notice.

A camera on this machine sends empty pictures, then a face for a while, again and again. `watch`
reads it and reports who appears (`for_s=0`) to a webhook and an MQTT broker. The delay includes
sending, decoding, analysis and delivery.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.environment import describe_environment, format_environment
from benchmarks.http_camera import http_camera, jpeg
from benchmarks.moving_faces import scene
from benchmarks.mqtt_broker import Subscriber, running_broker
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.events.engine import EventEngine
from realtime.events.rules import Person
from realtime.events.sinks.mqtt import MqttSink
from realtime.events.sinks.types import Sink, SinkContext
from realtime.events.sinks.webhook import WebhookSink
from realtime.watch.loop import WatchLoop
from realtime.watch.reader import SourceReader
from realtime.watch.source import find_source

FPS = 25
SIZE_WH = (640, 480)
FACE_S, EMPTY_S = 1.0, 1.0
MAX_DELAY_MS = 1000
SECRET = {"FACESTREAM_WEBHOOK_SECRET": "a secret of the benchmark"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks events`."""
    parser.add_argument(
        "--times", type=int, default=20, help="how often a face appears (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Let a face appear so many times, and measure when each receiver notices.

    Raises:
        RuntimeError: mosquitto is not installed.
    """
    cv2.setNumThreads(1)
    environment = describe_environment()
    settings = AnalysisSettings()
    networks = Networks(threads=1)
    networks.warm_up(settings, faces=1)
    shown_s: list[float] = []
    posted_s: list[float] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = stack.enter_context(running_broker(folder))
        subscriber = Subscriber(broker.port)
        subscriber.start()
        context = SinkContext(
            source="benchmark", rules=[Person(for_s=0, end_s=0.2)], environ=SECRET,
            report=lambda sentence: None, clock=time.monotonic,
        )  # fmt: skip
        hook = stack.enter_context(_receiver(posted_s))
        sinks: list[Sink] = [WebhookSink(hook, context), MqttSink(broker.address, context)]
        camera = stack.enter_context(http_camera(lambda stop: _visits(stop, args.times, shown_s)))
        reader = SourceReader(find_source(camera), report=lambda sentence: None, retries=0)
        loop = WatchLoop(
            reader, Pipeline(networks, settings), EventEngine(context.rules), "benchmark",
            sinks=sinks,
        )  # fmt: skip
        loop.run()
        for sink in sinks:
            sink.close(5)
    published_s = [
        now_s
        for topic, text, _, now_s in subscriber.received
        if "/event/" in topic and json.loads(text)["phase"] == "start"
    ]
    rows = [_row("webhook", shown_s, posted_s), _row("mqtt", shown_s, published_s)]
    return {
        "benchmark": "events",
        "header": environment,
        "fps": FPS,
        "analysed": loop.figures.analysed,
        "rows": rows,
        "problems": [
            f"{row['sink']}: {row['events']} of {args.times} events, at most {row['max_ms']} ms"
            for row in rows
            if row["events"] < args.times or row["max_ms"] > MAX_DELAY_MS
        ],
    }


def report(results: dict[str, Any]) -> str:
    """Format the results as a table."""
    lines = [
        format_environment(results["header"]),
        "",
        f"a face appears before an MJPEG camera, {SIZE_WH[0]}x{SIZE_WH[1]}, {results['fps']} fps; "
        "milliseconds until the receiver has the event",
        f"{'sink':>10}{'events':>8}{'p50':>8}{'p95':>8}{'max':>8}",
    ]
    lines += [
        f"{r['sink']:>10}{r['events']:>8}{r['p50_ms']:>8}{r['p95_ms']:>8}{r['max_ms']:>8}"
        for r in results["rows"]
    ]
    return "\n".join([*lines, *results["problems"]])


def _visits(stop: threading.Event, times: int, shown_s: list[float]) -> Iterator[bytes]:
    """Pictures at `FPS`; notes when the first picture with a face is sent each time."""
    empty = jpeg(np.full((SIZE_WH[1], SIZE_WH[0], 3), 190, np.uint8))
    face = jpeg(scene(1, SIZE_WH))
    due_s = time.monotonic()
    for visit in range(times + 1):
        for k in range(round(EMPTY_S * FPS) + round(FACE_S * FPS) * (visit > 0)):
            shows = k >= round(EMPTY_S * FPS)
            due_s += 1 / FPS
            if stop.wait(max(0.0, due_s - time.monotonic())):
                return
            if k == round(EMPTY_S * FPS):
                shown_s.append(time.monotonic())
            yield face if shows else empty


def _row(sink: str, shown_s: Sequence[float], noticed_s: Sequence[float]) -> dict[str, Any]:
    """Delays of each face's first event after it was shown, in milliseconds."""
    delays_ms = []
    for start_s, end_s in zip(shown_s, [*shown_s[1:], float("inf")], strict=True):
        first_s = next((t for t in noticed_s if start_s <= t < end_s), None)
        if first_s is not None:
            delays_ms.append((first_s - start_s) * 1e3)
    p50, p95 = np.percentile(delays_ms, [50, 95]).round() if delays_ms else (0, 0)
    return {
        "sink": sink,
        "events": len(delays_ms),
        "p50_ms": int(p50),
        "p95_ms": int(p95),
        "max_ms": round(max(delays_ms, default=0)),
    }


@contextmanager
def _receiver(posted_s: list[float]) -> Iterator[str]:
    """A web server that notes when the start of an event arrives; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if body["phase"] == "start":
                posted_s.append(time.monotonic())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
