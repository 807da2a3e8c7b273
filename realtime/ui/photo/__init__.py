"""The parts of the Photos page."""
