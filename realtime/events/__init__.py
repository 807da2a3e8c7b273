"""Events: what happens to faces over time, by rules, and the sinks that they are sent to."""
