"""Running LiteRT networks: FaceStream's own and those in MediaPipe's wheel."""
