"""Tests of realtime.server."""
