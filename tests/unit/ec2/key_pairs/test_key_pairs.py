"""Key pairs: made, imported, shown and deleted; the forms of keys, against what OpenSSH says of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.key_pairs.material import generate, half_of, imported, pem, ppk
from tests.unit.ec2.conftest import House

ED_LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS"


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_openssh_reads_what_is_made(kind: str, tmp_path: Path) -> None:
    if not (ssh_keygen := shutil.which("ssh-keygen")):
        pytest.skip("OpenSSH is not installed")
    key = generate(kind)
    half = half_of(key)
    file = tmp_path / "key.pem"
    file.write_text(pem(key) + "\n")
    file.chmod(0o600)
    public = subprocess.run([ssh_keygen, "-y", "-f", file], capture_output=True, text=True, check=True).stdout
    assert public.split()[:2] == half.line.split()
    if kind == "ed25519":
        shown = subprocess.run([ssh_keygen, "-l", "-f", file], capture_output=True, text=True, check=True)
        assert half.fingerprint.rstrip("=") == shown.stdout.split()[1].removeprefix("SHA256:")
    else:
        assert file.read_text().startswith("-----BEGIN RSA PRIVATE KEY-----")
        der = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        assert half.fingerprint == hashlib.sha1(der).digest().hex(":")


def test_puttys_form_is_sealed_over_what_it_says() -> None:
    lines = ppk(generate("ed25519"), "mine").split("\r\n")
    assert lines[:3] == ["PuTTY-User-Key-File-2: ssh-ed25519", "Encryption: none", "Comment: mine"]
    blobs = {}
    for at, line in enumerate(lines):
        name, _, count = line.partition(": ")
        if name.endswith("-Lines"):
            blobs[name] = base64.b64decode("".join(lines[at + 1 : at + 1 + int(count)]))
    parts = (b"ssh-ed25519", b"none", b"mine", blobs["Public-Lines"], blobs["Private-Lines"])
    sealed = b"".join(len(part).to_bytes(4) + part for part in parts)
    mac_key = hashlib.sha1(b"putty-private-key-file-mac-key").digest()
    assert lines[-1] == f"Private-MAC: {hmac.new(mac_key, sealed, hashlib.sha1).hexdigest()}"


def test_every_form_of_a_public_key_is_the_same_key() -> None:
    line = half_of(generate("ed25519")).line
    public = serialization.load_ssh_public_key(line.encode())
    subject = serialization.PublicFormat.SubjectPublicKeyInfo
    body = line.split()[1]
    forms = (
        f"{line} somebody@somewhere\n".encode(),
        public.public_bytes(serialization.Encoding.PEM, subject),
        base64.b64encode(public.public_bytes(serialization.Encoding.DER, subject)),
        f'---- BEGIN SSH2 PUBLIC KEY ----\nComment: "a\\\nb"\n{body}\n---- END SSH2 PUBLIC KEY ----'.encode(),
    )
    assert {imported(form).line for form in forms} == {line}


@pytest.mark.parametrize(
    "material",
    [
        b"",
        b"nonsense",
        b"ssh-rsa AAAA",
        b"ssh-ed25519",
        b"\xff\x00" * 100,
        b"ssh-rsa " + b"A" * 100_000,
        b"---- BEGIN SSH2 PUBLIC KEY ----\n---- END SSH2 PUBLIC KEY ----",
        b"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA==",
    ],
)
def test_no_key(material: bytes) -> None:
    with pytest.raises(Ec2Error) as raised:
        imported(material)
    assert raised.value.code == "InvalidKey.Format"


async def test_a_pair_is_made_once_and_its_private_half_is_shown_once(house: House) -> None:
    made = await house.call("CreateKeyPair", KeyName="mine", KeyType="ed25519")
    assert made["KeyMaterial"].startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert await house.refusal("CreateKeyPair", KeyName="mine") == "InvalidKeyPair.Duplicate"
    [shown] = (await house.call("DescribeKeyPairs", KeyNames=["mine"]))["KeyPairs"]
    assert shown["KeyFingerprint"] == made["KeyFingerprint"] and "PublicKey" not in shown
    [shown] = (await house.call("DescribeKeyPairs", IncludePublicKey=True))["KeyPairs"]
    assert shown["PublicKey"].startswith("ssh-ed25519 ") and shown["PublicKey"].endswith(" mine")
    assert (await house.call("DeleteKeyPair", KeyName="mine"))["KeyPairId"] == made["KeyPairId"]
    assert (await house.call("DeleteKeyPair", KeyName="mine"))["Return"] is True
    assert await house.refusal("DescribeKeyPairs", KeyNames=["mine"]) == "InvalidKeyPair.NotFound"


async def test_an_imported_pair(house: House) -> None:
    tags = [{"ResourceType": "key-pair", "Tags": [{"Key": "team", "Value": "red"}]}]
    request: dict[str, Any] = {"KeyName": "theirs", "PublicKeyMaterial": f"{ED_LINE} me@home".encode()}
    made = await house.call("ImportKeyPair", **request, TagSpecifications=tags)
    assert made["Tags"] == [{"Key": "team", "Value": "red"}]
    filters = [{"Name": "tag:team", "Values": ["red"]}, {"Name": "key-name", "Values": ["the*"]}]
    [found] = (await house.call("DescribeKeyPairs", Filters=filters))["KeyPairs"]
    assert (found["KeyType"], found["KeyPairId"]) == ("ed25519", made["KeyPairId"])
    assert await house.refusal("ImportKeyPair", **request, DryRun=True) == "InvalidKeyPair.Duplicate"


@pytest.mark.parametrize("name", ["", " mine", "mine ", "ä", "a\nb", "n" * 256])
async def test_no_name(house: House, name: str) -> None:
    assert await house.refusal("CreateKeyPair", KeyName=name) == "InvalidParameterValue"
