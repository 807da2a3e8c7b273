"""One server for pages, JSON API, metrics and health checks."""
