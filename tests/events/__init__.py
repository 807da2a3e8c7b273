"""Events, their rules and their sinks."""
