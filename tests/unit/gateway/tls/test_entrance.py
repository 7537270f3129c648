"""The door to other machines: TLS, and nothing but TLS, whoever dallies."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sagehen.cluster.authority.authority import Authority
from sagehen.cluster.links import reception
from sagehen.gateway.tls import entrance
from sagehen.gateway.tls.certificates import OwnCertificate
from tests.unit.gateway.conftest import ACCOUNT, RunningDoor, run_door
from tests.unit.gateway.talking import read_all

HEALTH = b"GET /_sagehen/health HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
_ADDRESS = "127.0.0.77"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A door whose address for other machines is one of loopback, and taken for none."""
    authority = Authority(tmp_path_factory.mktemp("tls"))
    authority.ensure()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entrance, "address_of", lambda text: ip_address("192.0.2.1"))
        patch.setattr(reception, "MOST_ARRIVALS_OF_A_PEER", 4)
        for door in run_door(
            tmp_path_factory.mktemp("door"),
            certificate=OwnCertificate(authority, [_ADDRESS, "box.lan"]),
            others=(_ADDRESS,),
        ):
            door.trusted = authority.certificate_path  # type: ignore[attr-defined]
            yield door


def dial(door: RunningDoor) -> socket.socket:
    return socket.create_connection((_ADDRESS, door.port), timeout=60)


def secure(door: RunningDoor, client: socket.socket, name: str = _ADDRESS) -> ssl.SSLSocket:
    trusted: Path = door.trusted  # type: ignore[attr-defined]
    return ssl.create_default_context(cafile=str(trusted)).wrap_socket(client, server_hostname=name)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("service", ["sts", "s3", "logs"])
def test_plain_http_is_told_what_to_do(opened: RunningDoor, service: str) -> None:
    client = opened.client(service, endpoint=f"http://{_ADDRESS}:{opened.port}")
    call = {"sts": "get_caller_identity", "s3": "list_buckets", "logs": "describe_log_groups"}[service]
    with pytest.raises(ClientError, match="This port speaks TLS") as refused:
        getattr(client, call)()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_large_plain_upload_reads_its_answer(opened: RunningDoor) -> None:
    with dial(opened) as client:
        client.sendall(b"PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n" + bytes(300_000))
        assert status(read_all(client)) == 400


def test_boto3_over_tls(opened: RunningDoor) -> None:
    trusted = str(opened.trusted)  # type: ignore[attr-defined]
    url = f"https://{_ADDRESS}:{opened.port}"
    assert opened.client("sts", endpoint=url, verify=trusted).get_caller_identity()["Account"] == ACCOUNT
    body = bytes(range(256)) * 4096
    store = opened.client("s3", endpoint=url, verify=trusted)
    store.put_object(Bucket="bucket", Key="k", Body=body)
    assert store.get_object(Bucket="bucket", Key="k")["Body"].read() == body


def test_loopback_stays_as_it_is(opened: RunningDoor) -> None:
    assert opened.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_old_tls_and_strange_names_are_refused(opened: RunningDoor) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with dial(opened) as client, pytest.raises((ssl.SSLError, ConnectionError)):
        old.wrap_socket(client)
    with dial(opened) as client, pytest.raises(ssl.SSLCertVerificationError):
        secure(opened, client, "evil.example")


@pytest.mark.parametrize(("host", "expected"), [("box.lan", 200), ("evil.example", 403), (_ADDRESS, 200)])
def test_own_pages_are_for_hosts_that_the_certificate_names(
    opened: RunningDoor, host: str, expected: int
) -> None:
    with dial(opened) as client, secure(opened, client) as talking:
        talking.sendall(HEALTH % host.encode())
        assert status(read_all(talking)) == expected


def test_other_machines_are_led_nowhere(opened: RunningDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "sagehen.gateway.connections.connection.address_of", lambda peer: ip_address("192.0.2.7")
    )
    with dial(opened) as client, secure(opened, client) as talking:
        talking.sendall(b"CONNECT www.example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert status(read_all(talking)) == 403


def test_who_dallies_keeps_nobody_out(opened: RunningDoor) -> None:
    silent = [dial(opened) for _ in range(20)]
    begun = [dial(opened) for _ in range(20)]
    for client in begun:
        client.sendall(b"\x16\x03\x01\x02\x00\x01")  # a handshake's first bytes, and no more
    with dial(opened) as client, secure(opened, client) as talking:
        talking.sendall(HEALTH % _ADDRESS.encode())
        assert status(read_all(talking)) == 200
    # All but the last few are gone: reading ends at once instead of waiting for their time to be up.
    for client in silent + begun[:-4]:
        client.settimeout(5)
        assert read_all(client) == b""
    for client in silent + begun:
        client.close()


def test_rubbish_is_answered_or_broken_off(opened: RunningDoor) -> None:
    for rubbish in (
        b"\x16" * 5000,
        b"\x80\x2e\x01\x00\x02" + bytes(40),
        b"\0" * 20000,
        b"\x15\x03\x01\x00\x02\x02\x28",
    ):
        with dial(opened) as client:
            client.sendall(rubbish)
            client.shutdown(socket.SHUT_WR)
            read_all(client)
    with dial(opened) as client, secure(opened, client) as talking:
        talking.sendall(HEALTH % _ADDRESS.encode())
        assert status(read_all(talking)) == 200
