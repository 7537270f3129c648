"""Certificates of Ray's processes: both ends believe each other, and nobody of another life."""

from __future__ import annotations

import os
import ssl
import stat
from pathlib import Path

import pytest

from sagehen.cluster.authority.requests import BadRequest
from sagehen.cluster.ray.certificates import RayAuthority, RayKey
from sagehen.cluster.ray.commands import environment

ADDRESS = "192.0.2.4"


def contexts(variables: dict[str, str]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a process serves with and what it dials with."""
    made = []
    for protocol in (ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS_CLIENT):
        context = ssl.SSLContext(protocol)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(variables["RAY_TLS_SERVER_CERT"], variables["RAY_TLS_SERVER_KEY"])
        context.load_verify_locations(variables["RAY_TLS_CA_CERT"])
        made.append(context)
    return made[0], made[1]


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str = ADDRESS) -> None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue


def test_processes_of_one_life_believe_each_other_and_no_others(tmp_path: Path) -> None:
    authority, other = RayAuthority(), RayAuthority()
    made = {}
    for name, by in (("head", authority), ("node", authority), ("stranger", other)):
        key = RayKey(tmp_path / name)
        made[name] = contexts(key.write(by.answer(key.request, ADDRESS)))
    assert stat.S_IMODE((tmp_path / "head" / "key.pem").stat().st_mode) == 0o600
    shake_hands(made["head"][0], made["node"][1])
    shake_hands(made["node"][0], made["head"][1])
    for server, client in (("head", "stranger"), ("stranger", "head")):
        with pytest.raises(ssl.SSLError):
            shake_hands(made[server][0], made[client][1])
    with pytest.raises(ssl.SSLError):
        shake_hands(made["head"][0], made["node"][1], "192.0.2.9")


def test_what_is_no_request_or_no_address(tmp_path: Path) -> None:
    authority, key = RayAuthority(), RayKey(tmp_path)
    for request, address in ((b"", ADDRESS), (key.request, "evil.example"), (key.request, "")):
        with pytest.raises(BadRequest):
            authority.answer(request, address)


def test_all_of_rays_processes_are_told(tmp_path: Path) -> None:
    authority, key = RayAuthority(), RayKey(tmp_path)
    told = environment(
        "t" * 32, key.write(authority.answer(key.request, ADDRESS)), {"RAY_USE_TLS": "0", "A": "b"}
    )
    assert (told["RAY_USE_TLS"], told["A"], told["RAY_AUTH_MODE"]) == ("1", "b", "token")
    assert all(os.path.exists(told[f"RAY_TLS_{name}"]) for name in ("CA_CERT", "SERVER_CERT", "SERVER_KEY"))
