"""The face detector: its scenes, network, training and score."""
