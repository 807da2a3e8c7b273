"""The gender models: eigenfaces with a support vector machine, and a small network."""
