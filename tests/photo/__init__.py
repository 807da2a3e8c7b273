"""Photos: tiles, analysis, and the Photos page."""
