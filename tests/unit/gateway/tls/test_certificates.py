"""What other machines are shown: made and renewed by the platform, or given and read again."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from sagehen.cluster.authority.authority import Authority
from sagehen.cluster.authority.certificates import Holder
from sagehen.gateway.tls.certificates import GivenCertificate, OwnCertificate
from sagehen.gateway.tls.errors import BadCertificate
from sagehen.gateway.tls.vouching import is_for

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("authority"))
    made.ensure()
    return made


def given(authority: Authority, folder: Path, *names: str, lifetime: timedelta = DAY) -> tuple[Path, Path]:
    issued = authority.issue(Holder("given", names), lifetime)
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(issued.certificate_pem)
    files[1].write_bytes(issued.key_pem)
    return files


def test_its_own_is_renewed_in_its_last_third_and_leaves_no_key(authority: Authority) -> None:
    now = [datetime.now(UTC)]
    own = OwnCertificate(authority, ["box.lan", "10.0.0.5"], lambda: now[0])
    first = own.context
    now[0] += 15 * DAY
    own.refresh()
    assert own.context is first
    now[0] += 6 * DAY
    own.refresh()
    assert own.context is not first
    assert own.names == {"box.lan", "10.0.0.5"}
    assert sorted(path.name for path in authority.certificate_path.parent.iterdir()) == ["ca.key", "ca.pem"]


def test_a_given_one_is_read_again_when_both_files_are_there(authority: Authority, tmp_path: Path) -> None:
    certificate, key = given(authority, tmp_path, "box.lan")
    loaded = GivenCertificate(certificate, key)
    first = loaded.context
    loaded.refresh()
    assert loaded.context is first
    newer = authority.issue(Holder("given", ["other.lan"]), DAY)
    certificate.write_bytes(newer.certificate_pem)
    os.utime(certificate, (1, 1))
    for _ in range(2):  # until the key is there, too
        with pytest.raises(BadCertificate, match="is not the key of"):
            loaded.refresh()
        assert (loaded.context, loaded.names) == (first, {"box.lan"})
    key.write_bytes(newer.key_pem)
    loaded.refresh()
    assert loaded.context is not first
    assert loaded.names == {"other.lan"}
    certificate.unlink()
    with pytest.raises(BadCertificate, match="No such file"):
        loaded.refresh()


def test_useless_ones_are_refused_with_the_reason(authority: Authority, tmp_path: Path) -> None:
    certificate, key = given(authority, tmp_path, "box.lan")
    with pytest.raises(BadCertificate, match=r"no\.pem: No such file"):
        GivenCertificate(tmp_path / "no.pem", key)
    with pytest.raises(BadCertificate, match="no certificate in PEM"):
        GivenCertificate(key, key)
    locked = load_pem_private_key(key.read_bytes(), None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    (tmp_path / "locked.pem").write_bytes(locked)
    with pytest.raises(BadCertificate, match="encrypted"):
        GivenCertificate(certificate, tmp_path / "locked.pem")
    certificate, key = given(authority, tmp_path, "box.lan", lifetime=-timedelta(minutes=1))
    with pytest.raises(BadCertificate, match="it has expired on"):
        GivenCertificate(certificate, key)
    certificate, key = given(authority, tmp_path)
    with pytest.raises(BadCertificate, match="names no host"):
        GivenCertificate(certificate, key)


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("box.lan", True), ("[fd00::1]", True), ("a.example.org", True), ("a.b.example.org", False),
        ("example.org", False), (".example.org", False), ("", False), ("lan", False), ("evilbox.lan", False),
    ],
)  # fmt: skip
def test_for_which_hosts_it_is(host: str, ours: bool) -> None:
    assert is_for({"box.lan", "fd00::1", "*.example.org"}, host) is ours
