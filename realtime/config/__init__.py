"""The operator's configuration: a settings file, and environment variables that override it."""

from realtime.config.settings import ConfigError, Settings, load_settings, settings

__all__ = ["ConfigError", "Settings", "load_settings", "settings"]
