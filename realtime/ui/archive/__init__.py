"""The parts of the page Archive."""
