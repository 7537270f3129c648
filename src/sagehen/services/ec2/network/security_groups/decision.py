"""Whether security groups let something pass: pure, for whoever stands before a machine's ports."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from sagehen.services.ec2.network.security_groups.permission import ANY, Permission


def allows(
    rules: Iterable[Permission],
    *,
    protocol: str,
    port: int,
    address: str,
    groups: Collection[str] = (),
) -> bool:
    """Tell whether any rule lets a connection pass; groups have no rules that refuse.

    Replies need no rule: groups remember connections, and so does who asks this once for each.

    Worked example: rules `tcp 22 from 10.0.0.0/8` and `tcp 8888 from sg-1`; from 10.1.2.3 port 22 passes and
    8888 does not, unless the sender is a machine of sg-1.

    Args:
        rules: Of all groups of the machine, in one direction: ingress for who comes in.
        protocol: `tcp` or `udp`; ICMP with its type as the port.
        port: Where to.
        address: Who sends (egress: who is sent to); IPv4 or IPv6.
        groups: The groups of the machine that sends, where it is one of the VPC.

    Raises:
        ValueError: `address` is none.
    """
    peer = ip_address(address)
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
        peer = peer.ipv4_mapped
    for rule in rules:
        if rule.protocol != ANY and (rule.protocol != protocol or not _spans(rule, port)):
            continue
        if rule.group_id:
            if rule.group_id in groups:
                return True
        elif rule.cidr:
            if peer.version == 4 and peer in IPv4Network(rule.cidr):
                return True
        elif rule.cidr6 and peer.version == 6 and peer in IPv6Network(rule.cidr6):
            return True
    return False


def _spans(rule: Permission, port: int) -> bool:
    if rule.protocol in ("icmp", "icmpv6"):
        return rule.first in (-1, port)
    return rule.first <= port <= rule.last or rule.first == -1
