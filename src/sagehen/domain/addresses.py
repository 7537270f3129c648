"""What an IP address means on this machine, whichever way it is written."""

from __future__ import annotations

import errno
import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def address_of(text: str) -> Address:
    """Return the address that a socket's name or a resolver's answer stands for.

    Raises:
        ValueError: It is none.
    """
    return unwrapped(ipaddress.ip_address(text.partition("%")[0]))


def unwrapped(ip: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, where it does (::ffff:127.0.0.1, 64:ff9b::)."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip.sixtofour is not None:
            return ip.sixtofour
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def is_loopback(text: str) -> bool:
    """Tell whether a peer's address is this machine's to itself; what is no address is not."""
    try:
        return address_of(text).is_loopback
    except ValueError:
        return False


def is_own_address(ip: Address) -> bool:
    """Tell whether an address is one of this machine's: only those can be bound to."""
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(ip), 0))
    except OSError as error:
        # Anything but "not available" is unclear, and unclear means closed.
        return error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
    return True
