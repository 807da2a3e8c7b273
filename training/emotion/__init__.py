"""The emotion network: data, training and evaluation."""
