"""Following faces."""
