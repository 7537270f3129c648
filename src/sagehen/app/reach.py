"""Reach: from where the platform can be reached, as `--host` says it."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from sagehen.cluster.authority.names import BadName, checked

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the platform listens.

    Args:
        here: In plain HTTP, for this machine alone.
        others: With TLS, for other machines: addresses of this machine, or one that means all of them.
        names: By which other machines may call it, the likeliest first.
    """

    here: str
    others: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What other machines need to know.

    Args:
        url: Of the door that is open to them; empty where none is.
        ca_certificate: The file of the authority that vouches for it (PEM); empty where that is not the
            platform's.
    """

    url: str = ""
    ca_certificate: str = ""

    def told(self) -> list[str]:
        """Return what whoever opened the door has to know; nothing where it is closed."""
        if not self.url:
            return []
        own = f"; its CA for them: {self.ca_certificate} (`sagehen ca`)" if self.ca_certificate else ""
        return [
            f"open to other machines: {self.url}, by TLS 1.2 or later{own}",
            "  without a signature they reach what you made public (buckets, websites, functions' URLs, "
            "REST APIs without "
            "an authorizer), the health page and the console's files",
            "  on this machine all stays plain: HTTP on loopback, and the files in the data folder",
        ]


CLOSED = Elsewhere()


class UnknownHost(Exception):
    """`--host` leads to no address; the message is shown as it is."""


def reach_of(host: str, extra_names: Iterable[str] = ()) -> Reach:
    """Find out what `--host` means here. May ask a resolver.

    Args:
        host: An address, or a name of this machine's.
        extra_names: By which people call this machine besides.

    Raises:
        UnknownHost: It is neither.
    """
    addresses = _resolved(host)
    if all(address.is_loopback for address in addresses):
        return Reach(host)
    others = tuple(str(address) for address in addresses if not address.is_loopback)
    names: list[str] = [name for name in (*extra_names, host) if not _is_unspecified(name)]
    for address in others:
        names += _addresses_of_this_machine(":" in address) if _is_unspecified(address) else [address]
    names += _own_names()
    return Reach(LOOPBACK, others, tuple(dict.fromkeys([*names, "localhost", LOOPBACK, "::1"])))


def _resolved(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UnknownHost(f"cannot listen on {host}: {reason}") from None
    return [
        ipaddress.ip_address(text)
        for text in dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found)
    ]


def _is_unspecified(name: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(name).is_unspecified
    return False


def _addresses_of_this_machine(v6: bool) -> list[str]:
    family = socket.AF_INET6 if v6 else socket.AF_INET
    found = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == family and "%" not in address.address
    ]
    return [text for text in found if not ipaddress.ip_address(text).is_loopback]


def _own_names() -> list[str]:
    """Return what this machine calls itself, where a certificate can say it."""
    try:
        return list(checked([socket.gethostname()]))
    except BadName:  # an underscore, say
        return []
