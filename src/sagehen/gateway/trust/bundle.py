"""The bundle of authorities for whoever goes through the proxy door: the system's, and the local CA.

Most programs take one file in place of all that they trusted before; with the local CA alone they would
trust nobody else, so that tunnels to the rest of the world would break.
"""

from __future__ import annotations

import importlib.util
import os
import re
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path

# What people set where their network has an authority of its own. Go, OpenSSL and Python; requests; curl.
_CHOSEN = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
# Debian, Fedora, SUSE, Alpine. OpenSSL's own compiled-in place comes first.
_SYSTEM = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")


def write_bundle(authority: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Write `bundle.pem` beside the local CA's certificate, if it differs from what is there.

    Args:
        authority: The local CA's certificate.
        environment: Where the person who starts the platform names authorities of their own.

    Returns:
        The bundle's path.
    """
    target = authority.with_name("bundle.pem")
    content = bundle_of([authority, *_files(environment, target)])
    if not target.exists() or target.read_text() != content:
        temporary = target.with_suffix(".new")
        temporary.write_text(content)
        temporary.chmod(0o644)
        temporary.replace(target)
    return target


def bundle_of(files: Iterable[Path]) -> str:
    """Return every certificate of some PEM files once, in their order; files that cannot be read say none."""
    found: dict[str, None] = {}
    for file in files:
        try:
            text = file.read_text("latin-1")
        except OSError:
            continue
        found |= dict.fromkeys(_PEM.findall(text))
    return "".join(f"{certificate}\n" for certificate in found)


def _files(environment: Mapping[str, str], own: Path) -> list[Path]:
    chosen = [Path(value) for name in _CHOSEN if (value := environment.get(name))]
    # A platform started from a shell of `sagehen env` finds an earlier bundle there, perhaps another's.
    chosen = [path for path in chosen if path.is_file() and path.name != own.name]
    places = [ssl.get_default_verify_paths().openssl_cafile, *_SYSTEM]
    system = next((Path(place) for place in places if Path(place).is_file()), None)
    if system is None:
        spec = importlib.util.find_spec("botocore")  # brings Mozilla's list along
        system = Path(spec.origin).with_name("cacert.pem") if spec and spec.origin else None
    return chosen + ([system] if system else [])
