"""Stored figures, the pages that show them, and the benchmark that runs from a page."""
