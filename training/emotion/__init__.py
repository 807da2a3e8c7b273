"""The emotion network: its data, training and evaluation."""
