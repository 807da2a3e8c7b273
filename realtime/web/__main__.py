"""`python -m realtime.web`: serves the page and the API with waitress."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

import models
from realtime.core.extras import run_command


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until stopped; 0 when stopped, 1 and a sentence on stderr where it cannot start."""
    # Not at the top: these come with the extra "web", which may be missing.
    import limits
    from waitress import create_server

    from realtime.web.app import create_app
    from realtime.web.photo_service import Analyst
    from realtime.web.uploads import MOST_BYTES, RATE

    args = _parser(RATE).parse_args(argv)
    try:
        limits.parse(args.rate)
    except ValueError:
        return _complain(f"The rate {args.rate!r} cannot be read: write it as '60 per minute'.")
    try:
        app = create_app(Analyst(), rate=args.rate)
    except (FileNotFoundError, models.ModelError) as error:
        return _complain(str(error))
    try:
        server = create_server(
            app,
            host=args.host,
            port=args.port,
            threads=args.threads,
            max_request_body_size=MOST_BYTES,
            # Under these sizes waitress keeps requests and answers in memory, else in a file.
            inbuf_overflow=2 * MOST_BYTES,
            outbuf_overflow=2 * MOST_BYTES,
            ident="FaceStream",
        )
    except OSError as error:
        return _complain(
            f"Port {args.port} of {args.host} cannot be used ({error.strerror}): choose another "
            "with --port."
        )
    print(f"FaceStream's page and API are at http://{args.host}:{args.port}", flush=True)
    # A browser asks for several things at once; that some wait for a thread is no warning.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    return 0


def _parser(rate: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m realtime.web", description=__doc__)
    parser.add_argument("--host", default="localhost", help="address to serve at (%(default)s)")
    parser.add_argument("--port", type=int, default=8502, help="port to serve at (%(default)s)")
    parser.add_argument(
        "--threads",
        type=int,
        default=max(4, os.cpu_count() or 4),
        help="requests served at once; all share the same models (%(default)s)",
    )
    parser.add_argument(
        "--rate", default=rate, help="requests allowed to one address (%(default)s)"
    )
    return parser


def _complain(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run_command(main, "web"))
