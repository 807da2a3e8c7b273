"""Pieces of the Explore and Benchmarks pages."""
