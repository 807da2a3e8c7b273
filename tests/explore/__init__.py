"""Stored results, the pages that show them, and the benchmark that a page runs."""
