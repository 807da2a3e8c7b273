"""`facestream serve`: several server processes behind Caddy, with TLS."""
