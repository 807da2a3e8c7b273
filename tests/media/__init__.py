"""Tests of decoding, encoding and resizing."""
