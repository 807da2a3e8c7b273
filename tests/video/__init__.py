"""Tests of video uploads, background jobs and summaries."""
