"""Making a trained network smaller and faster, and measuring what that costs in accuracy."""
