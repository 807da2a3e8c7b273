"""Pieces of the Photos page."""
