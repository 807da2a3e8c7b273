"""The live stream: frames in, frames out, and what is kept of them for its viewer."""
