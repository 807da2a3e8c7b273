"""FaceStream's running system: from a picture to boxed, meshed and named faces."""
