"""The commands `config` and `token`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from realtime.config import ConfigError, settings
from realtime.config.show import settings_table
from realtime.server.tokens import ROLES, create_token, revoke_token

DEFAULT_FILE = Path("tokens")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the commands.

    Returns:
        0, or 1 with a sentence on stderr.
    """
    args = _parser().parse_args(argv)
    try:
        if args.command == "config":
            print(settings_table(settings()))
            return 0
        file = args.file or settings().api_tokens or DEFAULT_FILE
        if args.revoke:
            revoke_token(file, args.name)
            print(f"The token {args.name!r} is refused from now on.")
        else:
            print(create_token(file, args.name, args.role))
            print(f"Its hash is in {file}; the token is not shown again.", file=sys.stderr)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="facestream", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "config", help="print all settings: from facestream.toml and FACESTREAM_… variables"
    )
    token = commands.add_parser("token", help="create or revoke a bearer token for the API")
    token.add_argument("name", help="who will use it")
    token.add_argument("--role", choices=ROLES, default="viewer", help="default: %(default)s")
    token.add_argument("--revoke", action="store_true", help="refuse it from now on")
    token.add_argument(
        "--file", type=Path, help=f"default: the setting api_tokens, or {DEFAULT_FILE}"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
