"""Live streams over WebRTC: frames in, annotated frames out, recordings and snapshots."""
