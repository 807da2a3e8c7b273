"""Pictures and videos: decoding, encoding, resizing, sound, and the limits on uploads."""
