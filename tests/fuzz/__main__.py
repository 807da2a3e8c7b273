"""Feed damaged input to a door, or to all: `python -m tests.fuzz video --seconds 60`."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.campaign import Findings, run, save
from tests.fuzz.door import NAMES


def main() -> int:
    """Feed the doors one after the other; 1 if anything crashed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("door", nargs="*", metavar="DOOR", help=f"of {', '.join(NAMES)} (all)")
    parser.add_argument("--seconds", type=float, default=60.0, help="per door (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all inputs (%(default)s)")
    args = parser.parse_args()
    if unknown := set(args.door) - set(NAMES):
        parser.error(f"unknown door {', '.join(sorted(unknown))}: use {', '.join(NAMES)}")
    crashed = False
    for name in args.door or NAMES:
        findings = run(name, seed=args.seed, seconds=args.seconds)
        _report(name, args.seed, findings)
        crashed |= bool(findings.crashes)
    return int(crashed)


def _report(name: str, seed: int, findings: Findings) -> None:
    slowest_s, number = findings.slowest
    print(
        f"{name}: {findings.inputs:,} inputs, {findings.refused:,} refused, "
        f"{findings.crashes:,} crashes; slowest {slowest_s * 1000:.0f} ms (input {number}); "
        f"memory {findings.grown_bytes / 1e6:+.1f} MB",
        flush=True,
    )
    files = save(name, seed, findings)
    for (number, how), file in zip(findings.kinds.values(), files, strict=True):
        print(f"  input {number}, corpus/{name}/{file}: {how}")


if __name__ == "__main__":
    sys.exit(main())
