"""Training the face detector: scenes, augmentation, network, loss and evaluation."""
