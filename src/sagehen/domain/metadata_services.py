"""Where clouds answer their machines with credentials: nothing that users bring may connect there."""

from __future__ import annotations

import ipaddress

# Besides 169.254.0.0/16 and fe80::/10, which are link-local: AWS and Google over IPv6, Azure, Alibaba.
_ELSEWHERE = frozenset(
    ipaddress.ip_address(text)
    for text in ("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "168.63.129.16", "100.100.100.200")
)


def is_metadata_service(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether an address may be a cloud's metadata service."""
    return ip.is_link_local or ip in _ELSEWHERE
