"""Benchmarks of FaceStream's speed and accuracy: `python -m benchmarks NAME`."""
