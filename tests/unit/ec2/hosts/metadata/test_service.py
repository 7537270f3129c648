"""The metadata service: what each path answers, with and without a token."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from sagehen.services.ec2.hosts.host import Attached, MetadataOptions
from sagehen.services.ec2.hosts.metadata.credentials import RoleDocuments
from sagehen.services.ec2.hosts.metadata.door import open_metadata
from sagehen.services.ec2.hosts.metadata.service import MetadataService
from sagehen.services.ec2.hosts.metadata.signing import Signer
from tests.unit.ec2.hosts.machines import CLOCK, Roles, wanted

TTL = "x-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "x-aws-ec2-metadata-token"
WHOLE: dict[str, Any] = {
    "role_arn": "arn:aws:iam::123456789012:role/r", "role_name": "r", "key_name": "my-key",
    "profile_arn": "arn:aws:iam::123456789012:instance-profile/p", "authorized_keys": ("ssh-ed25519 A me",),
    "address": "127.8.0.1", "public_name": "ec2-127-8-0-1.compute-1.amazonaws.com", "user_data": b"#!x\0\xff",
    "security_groups": {"web": "sg-1", "db": "sg-2"}, "tags": {"Name": "n", "a/b": "c"},
    "volumes": (Attached("vol-9", "/dev/sdf", 1),),
}  # fmt: skip


def service(tmp_path: Path, roles: Roles | None = None, **more: Any) -> MetadataService:
    documents = RoleDocuments(roles or Roles(), CLOCK, "i-0abc")  # type: ignore[arg-type]
    return MetadataService(wanted(**{**WHOLE, **more}), documents, Signer(tmp_path / "identity.pem"), CLOCK)


async def get(of: MetadataService, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    token = (await of.answer("PUT", "/latest/api/token", {TTL: "60"})).content.decode()
    answer = await of.answer(method, path, {TOKEN: token, **headers})
    return answer.status, answer.content.decode("latin-1")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/latest/meta-data/instance-id", "i-0abc"),
        ("/latest/meta-data//instance-id/", "i-0abc"),
        ("/2021-07-15/meta-data/instance-type", "t3.micro"),
        ("/latest", "dynamic\nmeta-data\nuser-data"),
        ("/latest/user-data", "#!x\0\xff"),
        ("/latest/meta-data/placement/", "availability-zone\navailability-zone-id\nregion"),
        ("/latest/meta-data/placement/availability-zone-id", "use1-az1"),
        ("/latest/meta-data/local-ipv4", "172.31.5.4"),
        ("/latest/meta-data/public-ipv4", "127.8.0.1"),
        ("/latest/meta-data/network/interfaces/macs/", "02:00:00:00:00:01/"),
        ("/latest/meta-data/network/interfaces/macs/02:00:00:00:00:01/security-group-ids", "sg-1\nsg-2"),
        ("/latest/meta-data/security-groups", "web\ndb"),
        ("/latest/meta-data/public-keys/", "0=my-key"),
        ("/latest/meta-data/public-keys/0/", "openssh-key"),
        ("/latest/meta-data/public-keys/0/openssh-key", "ssh-ed25519 A me"),
        ("/latest/meta-data/iam/security-credentials/", "r"),
        ("/latest/meta-data/block-device-mapping/ebs1", "sdf"),
        ("/latest/dynamic/instance-identity", "document\npkcs7\nrsa2048\nsignature"),
    ],
)
async def test_a_path_answers(tmp_path: Path, path: str, text: str) -> None:
    assert await get(service(tmp_path), path) == (200, text)


@pytest.mark.parametrize(
    "path",
    [
        "/latest/meta-data/tags/instance/Name", "/latest/meta-data/spot/instance-action", "/x/meta-data",
        "/latest/meta-data/instance-id/x", "/latest/meta-data/../user-data", "/latest/meta-data/%00",
        "/latest/meta-data/iam/security-credentials/other",
    ],
)  # fmt: skip
async def test_what_is_not_there(tmp_path: Path, path: str) -> None:
    assert (await get(service(tmp_path), path))[0] == 404


async def test_tags_spot_notices_and_an_instance_without_anything(tmp_path: Path) -> None:
    of = service(tmp_path, metadata=MetadataOptions(tags=True))
    assert await get(of, "/latest/meta-data/tags/instance/Name") == (200, "n")
    of.announce_spot_action("terminate", "2026-01-01T00:02:00Z")
    notice = json.loads((await get(of, "/latest/meta-data/spot/instance-action"))[1])
    assert notice == {"action": "terminate", "time": "2026-01-01T00:02:00Z"}
    of.change(wanted())
    for path in ("user-data", "meta-data/iam/info", "meta-data/public-ipv4", "meta-data/public-keys/"):
        assert (await get(of, f"/latest/{path}"))[0] == 404


async def test_tokens(tmp_path: Path) -> None:
    of = service(tmp_path)
    path = "/latest/meta-data/instance-id"
    for ttl in (None, "", "0", "-1", "21601", "1.5", "\u0661", "9" * 5000):
        assert (await of.answer("PUT", "/latest/api/token", {} if ttl is None else {TTL: ttl})).status == 400
    assert (
        await of.answer("PUT", "/latest/api/token", {TTL: "60", "x-forwarded-for": "1.2.3.4"})
    ).status == 403
    assert (await of.answer("PUT", path, {TTL: "60"})).status == 405
    assert (await of.answer("POST", path, {})).status == 405
    assert (await of.answer("GET", path, {})).status == 401
    other = (await service(tmp_path).answer("PUT", "/latest/api/token", {TTL: "60"})).content.decode()
    for token in ("", "x", "\xff", other, "A" * 4000):
        assert (await of.answer("GET", path, {TOKEN: token})).status == 401
    made = await of.answer("PUT", "/latest/api/token", {TTL: "60"})
    assert (made.hops, made.headers[TTL]) == (2, "60")
    optional = service(tmp_path, metadata=MetadataOptions(tokens_required=False, hop_limit=1))
    assert (await optional.answer("GET", path, {})).status == 200
    assert (await optional.answer("GET", path, {TOKEN: "x"})).status == 401
    assert (
        await service(tmp_path, metadata=MetadataOptions(enabled=False)).answer("GET", path, {})
    ).status == 403


async def test_credentials_are_renewed_in_time_and_a_role_that_is_gone_is_said(tmp_path: Path) -> None:
    roles = Roles()
    of = service(tmp_path, roles)
    path = "/latest/meta-data/iam/security-credentials/r"
    assert roles.asked == 0
    keys = [json.loads((await get(of, path))[1])["AccessKeyId"] for _ in range(2)]
    roles.lasts_s = 60
    of.change(wanted(**{**WHOLE, "role_arn": "arn:aws:iam::123456789012:role/r2"}))
    keys += [json.loads((await get(of, path))[1])["AccessKeyId"] for _ in range(2)]
    assert keys == ["ASIA1", "ASIA1", "ASIA2", "ASIA3"]
    of.change(wanted(**{**WHOLE, "role_arn": "arn:aws:iam::123456789012:role/gone"}))
    assert json.loads((await get(of, path))[1])["Code"] == "AssumeRoleUnauthorizedAccess"


async def test_the_identity_is_signed(tmp_path: Path) -> None:
    import base64

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    of = service(tmp_path)
    _, document = await get(of, "/latest/dynamic/instance-identity/document")
    _, signature = await get(of, "/latest/dynamic/instance-identity/signature")
    assert json.loads(document)["instanceId"] == "i-0abc"
    key = x509.load_pem_x509_certificate((tmp_path / "identity.pem").read_bytes()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(base64.b64decode(signature), document.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert (await get(of, "/latest/dynamic/instance-identity/pkcs7"))[1].startswith("MII")


async def test_what_is_no_request_is_not_answered_for_long(tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    close = await open_metadata(service(tmp_path), listener)
    address = listener.getsockname()

    async def ask(content: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(content)
        answer = b""
        while piece := await reader.read(65536):
            answer += piece
        writer.close()
        return answer

    async with asyncio.timeout(60):
        assert (await ask(b"GET / HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 401")
        assert await ask(b"\0\0\r\n\r\n") == b""
        assert await ask(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20000 + b"\r\n\r\n") == b""
        assert (
            await ask(
                b"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n" + b"z" * 9999
            )
            == b""
        )
    await close()
