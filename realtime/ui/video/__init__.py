"""Pieces of the Video files page."""
