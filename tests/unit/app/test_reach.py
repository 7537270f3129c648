"""What `--host` means."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from sagehen.app import reach
from sagehen.app.ports import free_port
from sagehen.app.reach import Elsewhere, Reach, UnknownHost, reach_of


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "127.0.0.5", "localhost"])
def test_loopback_stays_as_it_was_typed(host: str) -> None:
    assert reach_of(host) == Reach(host)
    assert Elsewhere().told() == []


def test_an_address_is_opened_and_loopback_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "box")
    found = reach_of("192.0.2.9", ["ml.example.org"])
    assert (found.here, found.others) == ("127.0.0.1", ("192.0.2.9",))
    assert found.names == ("ml.example.org", "192.0.2.9", "box", "localhost", "127.0.0.1", "::1")


def test_every_address_is_named_but_none_of_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    class Address:
        def __init__(self, family: int, address: str) -> None:
            self.family, self.address = family, address

    cards: dict[str, Any] = {
        "lo": [Address(socket.AF_INET, "127.0.0.1"), Address(socket.AF_INET6, "::1")],
        "eth0": [Address(socket.AF_INET, "192.0.2.4"), Address(socket.AF_INET6, "fe80::1%eth0")],
        "eth1": [Address(socket.AF_INET6, "2001:db8::4")],
    }
    monkeypatch.setattr(reach.psutil, "net_if_addrs", lambda: cards)
    monkeypatch.setattr(socket, "gethostname", lambda: "bücher")
    for name in ("my_box", ""):
        monkeypatch.setattr(socket, "gethostname", lambda name=name: name)
        assert reach_of("0.0.0.0").names == ("192.0.2.4", "localhost", "127.0.0.1", "::1")
    assert reach_of("0.0.0.0").names == ("192.0.2.4", "localhost", "127.0.0.1", "::1")
    assert reach_of("::").names == ("2001:db8::4", "localhost", "127.0.0.1", "::1")
    assert reach_of("::").others == ("::",)


def test_nonsense_is_told_in_the_resolvers_words() -> None:
    with pytest.raises(UnknownHost, match=r"^cannot listen on nowhere\.invalid: "):
        reach_of("nowhere.invalid")
    with pytest.raises(UnknownHost):
        reach_of("a" * 300)


def test_a_port_is_free_on_all_addresses() -> None:
    port = free_port("127.0.0.1", "127.0.0.2", "127.0.0.3")
    for address in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
        with socket.socket() as probe:
            probe.bind((address, port))


def test_who_opens_the_door_is_told_what_is_open() -> None:
    text = "\n".join(Elsewhere("https://192.0.2.9:4566", "/data/tls/ca.pem").told())
    assert "https://192.0.2.9:4566" in text
    assert "/data/tls/ca.pem" in text
    assert "without a signature" in text
    assert "plain" in text
