"""Tests of training/ and models/."""
