"""Pieces of the Live page."""
