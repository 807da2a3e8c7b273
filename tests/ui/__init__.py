"""The parts of the pages and the server around them."""
