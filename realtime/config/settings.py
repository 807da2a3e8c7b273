"""Every setting of a server, typed: from `facestream.toml` and variables `FACESTREAM_…`.

A variable overrides the file, which is the one that FACESTREAM_CONFIG names or else
`facestream.toml` in the working folder. `facestream config` prints all settings.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from realtime.core.errors import FaceStreamError

PREFIX = "FACESTREAM_"
FILE_VARIABLE = "FACESTREAM_CONFIG"
DEFAULT_FILE = Path("facestream.toml")
# Read by tests and benchmarks.
OTHER_VARIABLES = frozenset(
    {
        FILE_VARIABLE,
        *(f"{PREFIX}{name}" for name in ("REQUIRE_ALL", "WITHOUT_DATA")),
        *(f"{PREFIX}{name}" for name in ("ARRIVALS", "PROBE_FILE", "SOAK_GRACE_S")),
    }
)
ICE_SCHEMES = ("stun:", "stuns:", "turn:", "turns:")


class ConfigError(FaceStreamError, ValueError):
    """Invalid configuration; the message is one sentence that says what to change."""


def _check_url(url: object) -> object:
    if not isinstance(url, str) or not url.startswith(ICE_SCHEMES):
        raise ValueError(f"each URL must start with {', '.join(ICE_SCHEMES)}")
    return url


IceUrl = Annotated[str, BeforeValidator(_check_url)]


class IceServer(BaseModel):
    """A STUN or TURN server, in the form of WebRTC's `RTCIceServer`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    urls: Annotated[
        tuple[IceUrl, ...],
        BeforeValidator(lambda urls: (urls,) if isinstance(urls, str) else urls),
        Field(min_length=1),
    ]
    username: str | None = None
    credential: str | None = None


class PortRange(BaseModel):
    """UDP ports from `first` to `last`, both included."""

    model_config = ConfigDict(frozen=True)

    first: Annotated[int, Field(ge=1024, le=65535)]
    last: Annotated[int, Field(ge=1024, le=65535)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("the last port must not be below the first")
        return self

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def _parse_ports(text: object) -> object:
    if not isinstance(text, str):
        return text  # already parsed, or of a wrong type, which the field refuses
    first, dash, last = text.partition("-")
    if not (dash and first.isdecimal() and last.isdecimal()):
        raise ValueError('use the form "40000-40199"')
    return {"first": int(first), "last": int(last)}


class Settings(BaseSettings):
    """Settings of a server; each field's description is printed by `facestream config`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, validate_default=False
    )

    max_viewers: Annotated[int, Field(ge=1)] | None = Field(
        None, description="limit of live viewers; none: only the measured load counts"
    )
    admit_by_load: bool = Field(
        True, description="whether new live viewers wait while the measured load leaves no room"
    )
    cores: Annotated[float, Field(gt=0)] | None = Field(
        None, description="cores that live analyses may use; none: all of this process"
    )
    allow_benchmark: bool | None = Field(
        None,
        description="whether visitors may run the benchmark; none: only on localhost, and with "
        "login only operators",
    )
    ice_servers: tuple[IceServer, ...] = Field(
        (), description="STUN and TURN servers with fixed credentials, as JSON"
    )
    turn_urls: tuple[IceUrl, ...] = Field(
        (), description="TURN servers with short-lived credentials, made from turn_secret"
    )
    turn_secret: SecretStr | None = Field(
        None, description="the secret shared with them (coturn: static-auth-secret)"
    )
    turn_ttl_s: Annotated[int, Field(ge=60, le=86400)] = Field(
        3600, description="seconds for which such credentials allow new connections"
    )
    udp_ports: Annotated[PortRange | None, BeforeValidator(_parse_ports), NoDecode] = Field(
        None, description='UDP ports of live streams, as "40000-40199"; none: any free ones'
    )
    metrics_token: SecretStr | None = Field(
        None, description="bearer token to read /metrics from other machines"
    )
    api_tokens: Path | None = Field(
        None, description="file of hashed bearer tokens; with it the API needs one"
    )
    trusted_proxies: Annotated[int, Field(ge=0, le=8)] = Field(
        0, description="number of proxies in front that add to X-Forwarded-For"
    )
    operators: tuple[str, ...] = Field(
        (), description="e-mail addresses of operators among those who log in, as JSON"
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="text for people or json for log collectors"
    )
    webhook_url: str | None = Field(None, description="where the Live page's events are posted")
    webhook_secret: SecretStr | None = Field(
        None, description="signs the messages to a webhook, also those of `watch`"
    )
    mqtt_url: str | None = Field(None, description="broker for the Live page's events")
    mqtt_password: SecretStr | None = Field(
        None, description="password for the broker, also of `watch`"
    )
    watch_token: SecretStr | None = Field(
        None, description="bearer token for the live results of `watch --serve`"
    )
    worker_name: Annotated[str, Field(pattern="^[a-z0-9]{1,16}$")] | None = Field(
        None, description="set by `facestream serve` for each of its workers"
    )
    archives: Path | None = Field(
        None, description="folder below which the Archive page may open results"
    )

    def texts(self) -> dict[str, str]:
        """The settings that are texts, secrets among them, by the names of their variables."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {
            f"{PREFIX}{name.upper()}": (
                value.get_secret_value() if isinstance(value, SecretStr) else value
            )
            for name, value in values.items()
            if isinstance(value, (str, SecretStr))
        }

    @model_validator(mode="after")
    def _turn_needs_both(self) -> Self:
        if bool(self.turn_urls) != (self.turn_secret is not None):
            raise ValueError("turn_urls and turn_secret belong together: set both or neither")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before the file's values, which are the arguments."""
        return env_settings, init_settings


@cache
def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        ConfigError: a setting is unknown or invalid.
    """
    return load_settings(os.environ)


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings file and the environment variables of this process.

    Args:
        environment: names the file, and is checked for unknown variables.

    Raises:
        ConfigError: the file cannot be read, or a setting is unknown or invalid.
    """
    known = set(Settings.model_fields)
    for variable in environment:
        name = variable.removeprefix(PREFIX)
        if name != variable and variable not in OTHER_VARIABLES and name.lower() not in known:
            raise ConfigError(_unknown(name.lower(), f"variable {variable}", known, prefix=PREFIX))
    named = environment.get(FILE_VARIABLE)
    values = _read(Path(named)) if named else _read(DEFAULT_FILE) if DEFAULT_FILE.is_file() else {}
    for name in values:
        if name not in known:
            raise ConfigError(_unknown(name, f"setting {name!r}", known))
    try:
        return Settings(**values)
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from None
    except SettingsError as error:
        name = str(error).split('"')[1]
        raise ConfigError(f"{PREFIX}{name.upper()} must be a list in JSON.") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"The settings file {path} cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"The settings file {path} is not valid TOML: {error}.") from None


def _unknown(name: str, title: str, known: set[str], *, prefix: str = "") -> str:
    close = get_close_matches(name, known, n=1)
    shown = f"{prefix}{close[0].upper()}" if close and prefix else close[0] if close else ""
    hint = f"did you mean {shown}?" if close else "`facestream config` prints all settings."
    return f"Unknown {title}: {hint}"


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    reason = first["msg"].removeprefix("Value error, ")
    title = f"{name} (or {PREFIX}{name.upper()})" if name else "The settings"
    return f"{title}: {reason[:1].lower()}{reason[1:]}."
