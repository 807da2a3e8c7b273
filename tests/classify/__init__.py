"""The live stream without a browser: a stub track, and two peers in one process."""
