"""Training: a folder per task, with shared reading, cropping, fitting, evaluation and export."""
