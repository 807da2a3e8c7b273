"""Archives: many photos and videos, analysed exactly once, and questions about the results."""
