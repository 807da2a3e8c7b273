"""Training the face mesh: 468 points and presence, distilled from MediaPipe's network."""
