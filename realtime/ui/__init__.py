"""Parts of the pages: controls, readouts and messages; no analysis code."""
