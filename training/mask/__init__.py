"""The mask network: its data, training and evaluation."""
