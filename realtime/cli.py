"""The command `facestream`: one entry point for the page, the command line and the tools.

`facestream photo …` is `python -m realtime photo …`; `web`, `bench` and `train` run
`python -m realtime.web`, `python -m benchmarks` and `python -m training`. `app` serves the page;
its arguments go to `streamlit run`, as in `facestream app --server.port 9000`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from realtime.core.extras import run_command
from realtime.core.installed import app_file

COMMANDS = {
    "app": "serve the page with live video, photos and video files",
    "photo": "analyse pictures",
    "video": "analyse a video file",
    "watch": "watch a camera or file, and report events",
    "bulk": "analyse an archive of photos and videos",
    "ask": "query the results of an archive",
    "web": "serve the JSON API and a plain web page",
    "serve": "serve everything for others: several processes, TLS",
    "config": "print all settings of a server",
    "token": "create or revoke a token for the API",
    "bench": "run a benchmark",
    "train": "train a network",
}
_MODULES = {
    "photo": "realtime.__main__",
    "video": "realtime.__main__",
    "watch": "realtime.__main__",
    "bulk": "realtime.__main__",
    "ask": "realtime.__main__",
    "web": "realtime.web.__main__",
    "serve": "realtime.serve.__main__",
    "config": "realtime.server.commands",
    "token": "realtime.server.commands",
    "bench": "benchmarks.__main__",
    "train": "training.__main__",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; 2 for wrong usage."""
    name, *rest = [*(sys.argv[1:] if argv is None else argv)] or [""]
    if name in ("-h", "--help"):
        print(_usage())
        return 0
    if name not in COMMANDS:
        print(f"There is no command {name!r}.\n{_usage()}" if name else _usage(), file=sys.stderr)
        return 2
    return run_command(lambda: _run(name, rest), name)


def _run(name: str, rest: Sequence[str]) -> int:
    if name == "app":
        return _serve(rest)
    if _MODULES[name] in ("realtime.__main__", "realtime.server.commands"):
        rest = [name, *rest]
    module = importlib.import_module(_MODULES[name])  # only now: some need an extra
    code: int = module.main(rest)
    return code


def _serve(rest: Sequence[str]) -> int:
    from streamlit.web.cli import main as streamlit

    code = streamlit(["run", str(app_file("stream_app.py")), *rest], standalone_mode=False)
    return int(code or 0)


def _usage() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {title}" for name, title in COMMANDS.items()]
    return "\n".join(
        ["usage: facestream COMMAND …", "", *lines, "", "Options: facestream COMMAND --help"]
    )


if __name__ == "__main__":
    sys.exit(main())
