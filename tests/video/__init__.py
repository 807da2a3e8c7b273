"""Tests of video uploads and what is done with them."""
