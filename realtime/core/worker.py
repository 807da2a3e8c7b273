"""The cookie by which a visitor's requests reach the worker that answered the first of them."""

COOKIE = "facestream_worker"
