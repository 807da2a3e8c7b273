"""Tests of the landmark stage."""
