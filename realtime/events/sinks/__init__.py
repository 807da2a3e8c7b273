"""Where events go: one file per kind of sink, listed in `realtime.events.sinks.registry`."""
