"""The command `watch`: cameras and files without a page, with events and live results."""
