"""Installation: extras, the command `facestream` and the wheel."""
