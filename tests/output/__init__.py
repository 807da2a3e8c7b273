"""Records, tables and files to keep."""
