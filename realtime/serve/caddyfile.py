"""The configuration of Caddy in front of the workers.

Each worker names itself in a cookie, and Caddy sends a visitor's requests to the worker of that
cookie: a live stream, its page and its files are in the memory of one process. New visitors go to
the worker with the fewest connections among those that have room.

Source: https://caddyserver.com/docs/caddyfile
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from realtime.core.worker import COOKIE

# Above what the pages and the API accept, which answer with a sentence of their own.
MAX_BODY = "210MB"
GRACE_S = 3
RESTART_S = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """A worker as Caddy sees it.

    Attributes:
        name: the value of its cookie.
        port: where it listens on this machine.
        draining: whether it gets no new visitors.
    """

    name: str
    port: int
    draining: bool = False

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where visitors come in.

    Attributes:
        host: name or IP address of the site, as visitors write it.
        port: port for visitors.
        tls: "auto" (a public certificate for public names, else a certificate of an own CA),
            "internal" (always the own CA) or "off".
        folder: where Caddy keeps certificates and its socket.
    """

    host: str
    port: int
    tls: str
    folder: Path

    @property
    def url(self) -> str:
        """The address to open."""
        scheme, usual = ("http", 80) if self.tls == "off" else ("https", 443)
        return f"{scheme}://{self.host}" + ("" if self.port == usual else f":{self.port}")

    @property
    def admin_socket(self) -> Path:
        """Where Caddy takes a new configuration."""
        return self.folder / "caddy.sock"


def caddyfile(site: Site, upstreams: Sequence[Upstream]) -> str:
    """The configuration for these workers; at least one must not be draining."""
    blocks = [_global(site), f"{site.url} {{", *_site(site)]
    for upstream in upstreams:
        blocks += _own_visitors(upstream)
    blocks += _new_visitors([upstream for upstream in upstreams if not upstream.draining])
    return "\n".join([*blocks, "}", ""])


def _global(site: Site) -> str:
    return f"""{{
	admin "unix/{site.admin_socket}"
	storage file_system "{site.folder / "certificates"}"
	skip_install_trust
	auto_https disable_redirects
	persist_config off
	grace_period {GRACE_S}s
	log {{
		level WARN
	}}
	servers {{
		timeouts {{
			read_header 10s
			idle 2m
		}}
		max_header_size 32KB
	}}
}}"""


def _site(site: Site) -> list[str]:
    lines = ["\ttls internal"] if site.tls == "internal" else []
    if site.tls != "off":
        lines.append("\theader Strict-Transport-Security max-age=31536000")
    lines += [f"\trequest_body {{\n\t\tmax_size {MAX_BODY}\n\t}}", "\theader -Server"]
    # Metrics are read from each worker; through the site they would be those of any one.
    return [
        *lines,
        "\t@inside path /metrics /readyz",
        "\thandle @inside {",
        "\t\trespond 404",
        "\t}",
    ]


def _own_visitors(upstream: Upstream) -> list[str]:
    name = upstream.name
    return [
        f"\t@{name} header_regexp Cookie (^|;\\s*){COOKIE}={name}(;|$)",
        f"\thandle @{name} {{",
        f"\t\treverse_proxy {upstream.address} {{",
        f"\t\t\tlb_try_duration {RESTART_S}s",  # a worker that died is soon there again
        "\t\t\tlb_try_interval 250ms",
        *_TO_WORKER,
        "\t\t}",
        "\t}",
    ]


def _new_visitors(upstreams: Sequence[Upstream]) -> list[str]:
    addresses = " ".join(upstream.address for upstream in upstreams)
    return [
        "\thandle {",
        f"\t\treverse_proxy {addresses} {{",
        "\t\t\tlb_policy least_conn",
        "\t\t\tlb_try_duration 5s",
        "\t\t\thealth_uri /healthz",
        "\t\t\thealth_interval 1s",
        "\t\t\thealth_timeout 2s",
        *_TO_WORKER,
        "\t\t}",
        "\t}",
    ]


_TO_WORKER = (
    "\t\t\tstream_close_delay 24h",  # a new configuration cuts no page off
    "\t\t\tflush_interval -1",
)
