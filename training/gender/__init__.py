"""Gender, the classical way (eigenfaces and a support vector machine) and by a small network."""
