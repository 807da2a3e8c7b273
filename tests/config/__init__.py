"""Tests of realtime.config."""
