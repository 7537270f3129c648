"""For which names the authority speaks: decisions about texts, without any certificate."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

# Nobody can buy a public certificate for these, so that an authority which speaks for them alone takes
# nobody's
# place on the internet, even in a browser that was told to trust it (RFC 1918, 6598, 3927, 4193; IANA's
# registry of special-use domain names; `lan` is what many home routers say).
PRIVATE_NETWORKS = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
PRIVATE_DOMAINS = ("localhost", "local", "lan", "internal", "home.arpa", "test")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# Of one certificate: a machine with more addresses is told to say which (`--host ADDRESS`).
MOST_NAMES = 64


class BadName(ValueError):
    """A text that can be no name in a certificate; the message is shown to the person as it is."""


def address_in(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a text is, or None."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def checked(texts: Iterable[str]) -> tuple[str, ...]:
    """Return names as certificates have them: lower case, once each, in their order.

    Raises:
        BadName: One is neither an address nor a host name, or there are too many.
    """
    found: dict[str, None] = {}
    for text in texts:
        address = address_in(text)
        name = str(address) if address is not None else text.lower().rstrip(".")
        if address is None and (len(name) > 253 or not _NAME.fullmatch(name)):
            raise BadName(f"{text!r} is no address and no host name")
        found[name] = None
    if len(found) > MOST_NAMES:
        raise BadName(f"a certificate is for {MOST_NAMES} names at most")
    return tuple(found)


def beyond_private(names: Iterable[str]) -> tuple[str, ...]:
    """Return which names are outside of what the authority speaks for in any case.

    Worked example: of `10.0.0.5`, `box.lan`, `box` and `ml.example.org` these are `box`, since a name
    without a dot could be anybody's search domain's, and `ml.example.org`.
    """
    networks = [ipaddress.ip_network(network) for network in PRIVATE_NETWORKS]

    def is_private(name: str) -> bool:
        address = address_in(name)
        if address is not None:
            return any(address in network for network in networks)
        return any(name == domain or name.endswith(f".{domain}") for domain in PRIVATE_DOMAINS)

    return tuple(sorted({name for name in names if not is_private(name)}))
