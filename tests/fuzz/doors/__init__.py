"""The doors, a module each."""
