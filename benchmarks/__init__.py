"""How fast and how good FaceStream is: `python -m benchmarks NAME`."""
