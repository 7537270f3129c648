"""Addresses of a platform's door for nodes, as people type them."""

from __future__ import annotations

import ipaddress
import socket

# Beside the front door's 4566.
DEFAULT_PORT = 4567
# Nothing is sent there: the kernel says from which address it would be (RFC 5737, an address for documents).
_SOMEWHERE = ("203.0.113.1", 9)


class BadAddress(ValueError):
    """It is no address of that kind; the message says why."""


def read_address(text: str) -> tuple[str, int]:
    """Read HOST or HOST:PORT; `auto` is the address from which this machine reaches others.

    Raises:
        BadAddress: Nodes could not reach this machine there.
    """
    host, colon, digits = text.partition(":")
    port = DEFAULT_PORT
    if colon:
        if not digits.isascii() or not digits.isdigit() or int(digits) > 65535:
            raise BadAddress(f"{text}: it is an IPv4 address, with :PORT or without")
        port = int(digits)
    if host == "auto":
        return _own_address(text), port
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        raise BadAddress(f"{text}: it is an IPv4 address of this machine, or auto") from None
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        raise BadAddress(f"{text}: nodes reach this machine by an address of one of its networks")
    return host, port


def _own_address(text: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.connect(_SOMEWHERE)
        except OSError:
            raise BadAddress(f"{text}: this machine has no route to others; say its address") from None
        return str(trial.getsockname()[0])
