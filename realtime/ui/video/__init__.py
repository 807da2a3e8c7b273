"""Parts of the Video files page."""
