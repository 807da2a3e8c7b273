"""Pieces of the pages: controls, read-outs and notices; no analysis code."""
