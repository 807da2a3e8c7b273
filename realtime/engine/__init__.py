"""The order of the stages: networks, the pipeline of one stream, photos, privacy."""
