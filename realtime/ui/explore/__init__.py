"""Charts and tables of the Explore and Benchmarks pages."""
