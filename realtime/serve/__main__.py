"""Serve several workers behind Caddy: `facestream serve`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from realtime.config import settings
from realtime.core.errors import FaceStreamError
from realtime.engine.budget import usable_cores
from realtime.serve.caddyfile import Site
from realtime.serve.supervisor import Supervisor
from realtime.serve.workers import CORES_VARIABLE, VIEWERS_VARIABLE

MAX_WORKERS = 64


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until stopped.

    Returns:
        0 after SIGTERM or SIGINT; 1, with a sentence on stderr, if the server cannot start.
    """
    args = _parser().parse_args(argv)
    site = Site(host=args.host, port=args.port, tls=args.tls, folder=args.folder.resolve())
    cores = usable_cores() / args.workers
    environment = {CORES_VARIABLE: f"{cores:g}", "STREAMLIT_BROWSER_SERVER_ADDRESS": args.host}
    try:
        if (limit := settings().max_viewers) is not None:
            environment[VIEWERS_VARIABLE] = str(max(1, limit // args.workers))
        return Supervisor(site, args.workers, environment, drain_s=60 * args.drain_minutes).run()
    except FaceStreamError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="facestream serve", description=__doc__)
    parser.add_argument(
        "--workers",
        type=_workers,
        default=max(1, (os.cpu_count() or 1) // 2),
        help="server processes (default: one for two cores, %(default)s here)",
    )
    parser.add_argument(
        "--host",
        default="localhost",
        help="name or address of the site, as visitors write it (default: %(default)s)",
    )
    parser.add_argument(
        "--port", type=int, default=8443, help="port for visitors (default: %(default)s)"
    )
    parser.add_argument(
        "--tls",
        choices=("auto", "internal", "off"),
        default="auto",
        help="auto gets a certificate for public names and makes one for others; internal always "
        "makes one; off is for a server behind another proxy (default: %(default)s)",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("serve"),
        help="where certificates are kept (default: %(default)s)",
    )
    parser.add_argument(
        "--drain-minutes",
        type=float,
        default=10,
        metavar="M",
        help="after SIGHUP, old workers wait so long for their viewers (default: %(default)s)",
    )
    return parser


def _workers(text: str) -> int:
    if not 1 <= (number := int(text)) <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"use 1 to {MAX_WORKERS}, not {text}")
    return number


if __name__ == "__main__":
    sys.exit(main())
