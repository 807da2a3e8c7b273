"""Tests of running networks."""
