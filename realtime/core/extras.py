"""Optional dependencies: which packages belong to which extra, and how to install an extra.

The extras themselves are in pyproject.toml. The live page, photos and videos need none of them.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable

from realtime.core.installed import CLONE

# Top-level modules that each extra installs, as far as this project imports them.
EXTRAS: dict[str, tuple[str, ...]] = {
    "web": (
        "a2wsgi",
        "flask",
        "flask_bootstrap",
        "flask_limiter",
        "limits",
        "markupsafe",
        "sklearn",
        "skops",
        "waitress",
        "werkzeug",
    ),
    "mediapipe": ("mediapipe",),
    "mtcnn": ("mtcnn", "tensorflow"),
    "train": ("keras", "tensorflow", "matplotlib", "sklearn", "skops"),
    "bench": ("matplotlib", "playwright", "psutil", "skimage"),
    "events": ("aiomqtt",),
    "archive": ("duckdb", "fsspec"),
    "cluster": ("ray", "duckdb", "fsspec"),
    "serve": ("authlib",),
}


# Packages of which only files are read: what they declare would bring older versions of others.
FILES_ONLY = {"mediapipe": "mediapipe==0.10.21"}


def install_command(extra: str) -> str:
    """The command that installs an extra: a make target in a clone, else pip."""
    if CLONE:
        return f"make extra-{extra}"
    if extra in FILES_ONLY:
        return f"pip install --no-deps {FILES_ONLY[extra]}"
    return f'pip install "facestream[{extra}]"'


def run_command(main: Callable[[], int], *extras: str) -> int:
    """Run a command's main function; if it lacks an extra, print one sentence and return 1.

    Args:
        main: returns the exit code.
        extras: those that the command may need, the likeliest first; other names are ignored.

    Raises:
        ModuleNotFoundError: a module that belongs to no extra is missing.
    """
    try:
        return main()
    except ModuleNotFoundError as error:
        print(missing_module(error, *extras), file=sys.stderr)
        return 1


def missing_module(error: ModuleNotFoundError, *extras: str) -> str:
    """One sentence that says how to install the extra with the missing module.

    Args:
        error: raised by an import.
        extras: those to try first, if several have the module.

    Raises:
        ModuleNotFoundError: `error` itself, if no extra has the module: that is a bug, not a
            missing extra.
    """
    name = (error.name or "").partition(".")[0]
    for extra in (*extras, *EXTRAS):
        if name in EXTRAS.get(extra, ()):
            return f"The package {name} is missing: install it with {install_command(extra)}."
    raise error


def missing_packages(modules: Iterable[str]) -> list[str]:
    """Those of the modules that are not installed."""
    return [name for name in modules if importlib.util.find_spec(name) is None]


def extra_with(modules: Iterable[str]) -> str | None:
    """The first extra that has all of these modules, or None."""
    wanted = set(modules)
    return next((extra for extra, names in EXTRAS.items() if wanted <= set(names)), None)
