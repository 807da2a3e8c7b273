"""The benchmarks run and say what they should; how fast is not asserted."""
