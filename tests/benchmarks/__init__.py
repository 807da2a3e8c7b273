"""The benchmarks run and report what they should; their speed is not asserted."""
