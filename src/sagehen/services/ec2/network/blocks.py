"""CIDR blocks as EC2 takes them."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import TypeVar

from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue

N = TypeVar("N", IPv4Network, IPv6Network)
# Longer than any block.
_LONGEST = 64


def block(text: str, parameter: str) -> IPv4Network:
    """Return an IPv4 block; bits behind the mask are cut off, as AWS does.

    Raises:
        InvalidParameterValue: It is none.
    """
    return _read(text, parameter, IPv4Network)


def destination(text: str, parameter: str) -> str:
    """Return a route's destination, of either version, in its canonical form.

    Raises:
        InvalidParameterValue: It is none.
    """
    if ":" in text:
        return str(_read(text, parameter, IPv6Network))
    return str(_read(text, parameter, IPv4Network))


def _read(text: str, parameter: str, kind: type[N]) -> N:
    try:
        if "/" not in text or len(text) > _LONGEST:
            raise ValueError(text)
        return kind(text, strict=False)
    except ValueError:
        raise InvalidParameterValue(
            f"Value ({text[:_LONGEST]}) for parameter {parameter} is invalid. This is not a valid CIDR block."
        ) from None


def sized(network: IPv4Network, code: str) -> IPv4Network:
    """Check that a block is between /16 and /28, as those of VPCs and subnets are (documented).

    Raises:
        Ec2Error: With `code`.
    """
    if not 16 <= network.prefixlen <= 28:
        raise Ec2Error(code, f"The CIDR '{network}' is invalid.")
    return network


def usable(network: IPv4Network) -> int:
    """Return how many addresses of a subnet can be given away: AWS keeps five (documented)."""
    return network.num_addresses - 5


def free_address(network: IPv4Network, taken: Iterable[str]) -> str | None:
    """Return the first address of a subnet that is not taken; None where all are."""
    used = set(taken)
    for number in range(int(network.network_address) + 4, int(network.broadcast_address)):
        address = str(IPv4Address(number))
        if address not in used:
            return address
    return None
