"""Stored benchmark results, read and typed for the pages."""
