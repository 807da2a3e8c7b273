"""Damaged input for everything that takes some from outside: `python -m tests.fuzz --help`."""
