"""Who can reach a server, by the address that it listens on or is called from."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

# Proxies add one of these to the requests that they hand on.
FORWARDED_HEADERS = ("X-Forwarded-For", "X-Real-IP", "Forwarded")
OPEN_NOTICE = (
    "This server has no login: everyone whose computer reaches this one can use it. "
    "Browsers allow cameras over https only, except on localhost. "
    "See “Serving others” in README.md."
)


def is_local(host: str | None) -> bool:
    """Whether an address means this machine alone.

    Args:
        host: "localhost" or an IP address; None or empty: all addresses.

    Example:
        >>> is_local("localhost"), is_local("::1"), is_local("0.0.0.0"), is_local(None)
        (True, True, False, False)
    """
    if host == "localhost":
        return True
    try:
        address = ip_address(host or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
