"""The platform's own authority: kept, widened, renewed; what it signs is believed for its names alone."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from sagehen.cluster.authority.authority import Authority, Issued
from sagehen.cluster.authority.certificates import Holder

NOW = datetime(2026, 11, 29, tzinfo=UTC)
DAY = timedelta(days=1)


def believed(authority: bytes, issued: Issued, name: str, at: datetime = NOW) -> bool:
    """Whether a client that trusts the authority takes the certificate for that name's."""
    import ipaddress

    store = Store([x509.load_pem_x509_certificate(authority)])
    try:
        subject: x509.DNSName | x509.IPAddress = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        subject = x509.DNSName(name)
    verifier = PolicyBuilder().store(store).time(at).build_server_verifier(subject)
    try:
        verifier.verify(x509.load_pem_x509_certificate(issued.certificate_pem), [])
    except VerificationError:
        return False
    return True


def test_the_key_is_for_its_owner_and_both_are_kept(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tls", lambda: NOW)
    assert authority.ensure(["10.0.0.5"])
    assert stat.S_IMODE((tmp_path / "tls" / "ca.key").stat().st_mode) == 0o600
    before = authority.certificate_path.read_bytes()
    again = Authority(tmp_path / "tls", lambda: NOW)
    assert not again.ensure(["10.0.0.5", "box.lan"])
    assert again.certificate_path.read_bytes() == before
    assert again.fingerprint == authority.fingerprint
    ssl.create_default_context(cadata=before.decode())


def test_it_speaks_for_what_it_was_asked_for_and_private_names(tmp_path: Path) -> None:
    authority = Authority(tmp_path, lambda: NOW)
    authority.ensure(["ml.example.org"])
    trusted = authority.certificate_path.read_bytes()
    for name in ("ml.example.org", "10.0.0.5", "box.lan"):
        assert believed(trusted, authority.issue(Holder(name, [name]), DAY), name), name
    for name in ("www.example.com", "203.0.113.9"):
        assert not believed(trusted, authority.issue(Holder(name, [name]), DAY), name), name


def test_for_more_names_it_is_made_anew_with_its_key(tmp_path: Path) -> None:
    authority = Authority(tmp_path, lambda: NOW)
    authority.ensure(["a.example.org"])
    old = authority.certificate_path.read_bytes()
    authority = Authority(tmp_path, lambda: NOW)
    assert authority.ensure(["b.example.org"])
    new = authority.certificate_path.read_bytes()
    first = authority.issue(Holder("a", ["a.example.org"]), DAY)
    second = authority.issue(Holder("b", ["b.example.org"]), DAY)
    assert believed(old, first, "a.example.org")
    assert not believed(old, second, "b.example.org")
    assert believed(new, first, "a.example.org")
    assert believed(new, second, "b.example.org")


def test_it_is_made_anew_in_its_last_third(tmp_path: Path) -> None:
    Authority(tmp_path, lambda: NOW).ensure()
    assert not Authority(tmp_path, lambda: NOW + 6.5 * 365 * DAY).ensure()
    assert Authority(tmp_path, lambda: NOW + 7 * 365 * DAY).ensure()


def test_a_lost_certificate_comes_back_for_the_same_key(tmp_path: Path) -> None:
    authority = Authority(tmp_path, lambda: NOW)
    authority.ensure()
    issued = authority.issue(Holder("box", ["box.lan"]), DAY)
    authority.certificate_path.unlink()
    assert Authority(tmp_path, lambda: NOW).ensure()
    assert believed(authority.certificate_path.read_bytes(), issued, "box.lan")


def test_certificates_end_and_are_for_one_end_of_a_connection(tmp_path: Path) -> None:
    authority = Authority(tmp_path, lambda: NOW)
    authority.ensure()
    trusted = authority.certificate_path.read_bytes()
    issued = authority.issue(Holder("box", ["box.lan"]), DAY)
    assert not believed(trusted, issued, "box.lan", NOW + 2 * DAY)
    client = authority.issue(Holder("node", ["box.lan"], usage="client"), DAY)
    assert not believed(trusted, client, "box.lan")


def test_a_strange_key_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "ca.key").write_text("-----BEGIN PRIVATE KEY-----\nnothing\n-----END PRIVATE KEY-----\n")
    with pytest.raises(ValueError, match=r"PEM|key|deserialize"):
        Authority(tmp_path, lambda: NOW).ensure()
