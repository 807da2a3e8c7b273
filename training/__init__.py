"""Training: one module a task, with common reading, cutting, fitting, evaluation and export."""
