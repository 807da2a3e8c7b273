"""Serve the web pages and the JSON API with waitress."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

import models
from realtime.config import ConfigError, settings
from realtime.core.extras import run_command
from realtime.core.hosts import OPEN_NOTICE, is_local


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted or terminated.

    Returns:
        0 after either; 1, with a message on stderr, if the server cannot start.
    """
    # Not at the top: these come with the extra "web", which may be missing.
    import limits

    from realtime.web.app import create_app
    from realtime.web.budget import Budget
    from realtime.web.photo_service import PhotoService
    from realtime.web.serve import DrainingServer
    from realtime.web.uploads import MAX_REQUEST_BYTES

    args = _parser().parse_args(argv)
    try:
        configured = settings()
    except ConfigError as error:
        return _fail(str(error))
    token = configured.metrics_token
    try:
        limits.parse(args.rate)
    except ValueError:
        return _fail(f"Invalid rate {args.rate!r}: use a format like '60 per minute'.")
    try:
        app = create_app(
            PhotoService(),
            rate=args.rate,
            budget=Budget(pictures=args.pictures_per_minute, megapixels=args.megapixels_per_minute),
            trusted_proxies=(
                configured.trusted_proxies if args.trusted_proxies is None else args.trusted_proxies
            ),
            metrics_token=args.metrics_token or (token.get_secret_value() if token else None),
        )
    except (FileNotFoundError, models.ModelError) as error:
        return _fail(str(error))
    try:
        server = DrainingServer(
            app,
            host=args.host,
            port=args.port,
            threads=args.threads,
            max_request_body_size=MAX_REQUEST_BYTES,
            # Waitress buffers larger requests and responses in files; keep all of them in memory.
            inbuf_overflow=2 * MAX_REQUEST_BYTES,
            outbuf_overflow=2 * MAX_REQUEST_BYTES,
            # The application decides which of these to believe.
            clear_untrusted_proxy_headers=False,
            ident="FaceStream",
        )
    except OSError as error:
        return _fail(
            f"Choose another port with --port: {args.host}:{args.port} cannot be used "
            f"({error.strerror})."
        )
    print(f"FaceStream's pages and API are at http://{args.host}:{args.port}", flush=True)
    if not is_local(args.host):
        print(OPEN_NOTICE, flush=True)
    # Browsers send several requests at once: that some of them queue is normal.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server.run()
    return 0


def _parser() -> argparse.ArgumentParser:
    from realtime.web.budget import MAX_MEGAPIXELS_PER_MINUTE, MAX_PICTURES_PER_MINUTE
    from realtime.web.uploads import RATE

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
        "--rate", default=RATE, help="requests allowed per client address (default: %(default)s)"
    )
    parser.add_argument(
        "--pictures-per-minute",
        type=_positive,
        default=MAX_PICTURES_PER_MINUTE,
        metavar="N",
        help="pictures allowed per client address (default: %(default)s)",
    )
    parser.add_argument(
        "--megapixels-per-minute",
        type=_positive,
        default=MAX_MEGAPIXELS_PER_MINUTE,
        metavar="N",
        help="their pixels altogether, in millions (default: %(default)s)",
    )
    parser.add_argument(
        "--trusted-proxies",
        type=_count,
        metavar="N",
        help="number of proxies in front, each of which appends the address that it was called "
        "from to X-Forwarded-For (default: the setting trusted_proxies, or none)",
    )
    parser.add_argument(
        "--metrics-token",
        metavar="TOKEN",
        help="allow reading /metrics from other machines with this bearer token (default: "
        "the setting metrics_token; without one, from this machine only)",
    )
    return parser


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"use a number of at least 1, not {text}")
    return number


def _count(text: str) -> int:
    if (number := int(text)) < 0:
        raise argparse.ArgumentTypeError(f"use 0 or more, not {text}")
    return number


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run_command(main, "web"))
