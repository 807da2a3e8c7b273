"""What flows between the stages: faces, landmarks, settings, errors; imports NumPy alone."""
