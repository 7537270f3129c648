"""Where tunnels may lead."""

from __future__ import annotations

import pytest

from sagehen.gateway.outside.tunnel import refusal_of


@pytest.mark.parametrize(
    ("address", "port", "sandboxed", "open_"),
    [
        ("93.184.216.34", 443, True, True),
        ("10.1.2.3", 80, True, True),
        ("127.0.0.1", 80, True, False),
        ("127.0.0.1", 80, False, True),
        ("127.0.0.1", 4566, False, False),
        ("::ffff:127.0.0.1", 4566, False, False),
        ("64:ff9b::7f00:1", 80, True, False),
        ("169.254.170.2", 80, False, False),
        ("fe80::1%eth0", 80, False, False),
        ("fd00:ec2::254", 80, True, False),
        ("168.63.129.16", 80, False, False),
        ("224.0.0.1", 80, False, False),
        ("::", 80, False, False),
    ],
)
def test_where_tunnels_may_lead(address: str, port: int, sandboxed: bool, open_: bool) -> None:
    refused = refusal_of(address, port, is_local=not sandboxed, own_ports={4566})
    assert (refused is None) is open_
