"""The command `config`: print every setting with its value, its variable and what it does."""

from __future__ import annotations

from pydantic import SecretStr

from realtime.config.settings import PREFIX, IceServer, Settings

HIDDEN = "(set, not shown)"


def settings_table(settings: Settings) -> str:
    """All settings as TOML with comments; secrets are hidden, unset ones commented out."""
    lines = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        lines += [f"# {field.description} ({PREFIX}{name.upper()})"]
        lines += [f"{name} = {_toml(value)}" if _is_set(value) else f"# {name} ="]
        lines += [""]
    return "\n".join(lines[:-1])


def _is_set(value: object) -> bool:
    return value is not None and value != ()


def _toml(value: object) -> str:
    if isinstance(value, SecretStr):
        return f'"{HIDDEN}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, IceServer):
        user = f", username = {_toml(value.username)}" if value.username else ""
        secret = f', credential = "{HIDDEN}"' if value.credential else ""
        return f"{{ urls = {_toml(value.urls)}{user}{secret} }}"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
