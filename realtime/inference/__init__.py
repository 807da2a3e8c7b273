"""Running LiteRT networks, ours and those in MediaPipe's wheel."""
