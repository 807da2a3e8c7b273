"""What a face shows: aligned crops in, probabilities out."""
