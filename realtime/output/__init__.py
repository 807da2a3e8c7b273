"""Results to keep: JSON records, tables, crops and annotated pictures."""
