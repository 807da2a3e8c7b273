"""Serve the web pages and the JSON API with waitress."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

import models
from realtime.core.extras import run_command


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted.

    Returns:
        0 after an interrupt; 1, with a message on stderr, if the server cannot start.
    """
    # Not at the top: these come with the extra "web", which may be missing.
    import limits
    from waitress import create_server

    from realtime.web.app import create_app
    from realtime.web.photo_service import PhotoService
    from realtime.web.uploads import MAX_REQUEST_BYTES, RATE

    args = _parser(RATE).parse_args(argv)
    try:
        limits.parse(args.rate)
    except ValueError:
        return _fail(f"Invalid rate {args.rate!r}: use a format like '60 per minute'.")
    try:
        app = create_app(PhotoService(), rate=args.rate)
    except (FileNotFoundError, models.ModelError) as error:
        return _fail(str(error))
    try:
        server = create_server(
            app,
            host=args.host,
            port=args.port,
            threads=args.threads,
            max_request_body_size=MAX_REQUEST_BYTES,
            # Waitress buffers larger requests and responses in files; keep all of them in memory.
            inbuf_overflow=2 * MAX_REQUEST_BYTES,
            outbuf_overflow=2 * MAX_REQUEST_BYTES,
            ident="FaceStream",
        )
    except OSError as error:
        return _fail(
            f"Choose another port with --port: {args.host}:{args.port} cannot be used "
            f"({error.strerror})."
        )
    print(f"FaceStream's pages and API are at http://{args.host}:{args.port}", flush=True)
    # Browsers send several requests at once: that some of them queue is normal.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    return 0


def _parser(rate: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m realtime.web", description=__doc__)
    parser.add_argument(
        "--host", default="localhost", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port", type=int, default=8502, help="port to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=max(4, os.cpu_count() or 4),
        help="concurrent requests; all share the same models (default: %(default)s)",
    )
    parser.add_argument(
        "--rate", default=rate, help="requests allowed per client address (default: %(default)s)"
    )
    return parser


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run_command(main, "web"))
