"""Still pictures: decoding, tiles, the analysis and its page."""
