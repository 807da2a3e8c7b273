"""Tests of live streams without a browser: stub tracks, and two peers in one process."""
