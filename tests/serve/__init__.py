"""Tests of realtime.serve."""
