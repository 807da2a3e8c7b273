"""What is said of a face, and how surely."""
