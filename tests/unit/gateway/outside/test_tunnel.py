"""Connecting through the door: so many addresses of a name are tried, each for so long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sagehen.gateway.outside import tunnel
from sagehen.gateway.outside.internet import Internet


class Silence(Internet):
    """A name of many addresses, where nobody ever answers."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    async def addresses(self, host: str, port: int) -> Sequence[tuple[int, str]]:
        return [(2, f"198.51.100.{number}") for number in range(100)]

    async def dial(self, factory: Callable[[], Any], family: int, address: str, port: int) -> Any:
        self.tried.append(address)
        await asyncio.Event().wait()


async def test_a_name_of_many_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnel, "_CONNECT_TIMEOUT_S", 0.01)
    internet = Silence()
    with pytest.raises(tunnel.TunnelRefused) as refused:
        async with asyncio.timeout(30):
            await tunnel.connect(
                "a", 443, internet=internet, is_local=False, own_ports=(), factory=tunnel.TunnelEnd
            )
    assert refused.value.status == 502
    assert len(internet.tried) == 4


class Mixed(Silence):
    async def addresses(self, host: str, port: int) -> Sequence[tuple[int, str]]:
        return [(2, "198.51.100.1"), (2, "127.0.0.1")]


async def test_one_closed_address_closes_the_name() -> None:
    internet = Mixed()
    with pytest.raises(tunnel.TunnelRefused) as refused:
        await tunnel.connect(
            "a", 443, internet=internet, is_local=False, own_ports=(), factory=tunnel.TunnelEnd
        )
    assert refused.value.status == 403
    assert internet.tried == []
