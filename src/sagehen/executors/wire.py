"""Wire: a private network's part on one machine, where it is on several."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

# The device in each of the networks, as `resourceconfig.json` names it.
DEVICE = "sgh0"
NETMASK = "255.255.0.0"
# A little less than IPv4's longest packet, so that a device's checks cannot overflow.
MTU = 65_000
# Nobody else's: no sandbox sees any network but its own, so that all may have the same addresses.
_NETWORK = ipaddress.ip_network("10.77.0.0/16")
MOST_HOSTS = 1000
_TUN = "/dev/net/tun"

# Carries the packets of a device, which is its from then on; returns what ends that.
Carry = Callable[[int], Awaitable[Callable[[], Awaitable[None]]]]


@dataclass(frozen=True, slots=True)
class Wire:
    """What one machine has of such a network.

    Args:
        addresses: Of the hosts that are on this machine.
        carry: Carries packets from and to the others.
    """

    addresses: tuple[str, ...]
    carry: Carry


def address_of(number: int) -> str:
    """Return the address of the host of that number, from 1 on.

    Raises:
        ValueError: There are 1,000 at most.
    """
    if not 1 <= number <= MOST_HOSTS:
        raise ValueError(f"a network on several nodes has {MOST_HOSTS} hosts at most")
    return str(_NETWORK[number])


def why_none() -> str | None:
    """Return why this machine can have no wire; None where it can, as far as that is seen without one."""
    try:
        os.close(os.open(_TUN, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return f"{_TUN}: {error.strerror}"
    return None
