"""Certificates of Ray's processes: without one nobody speaks to them, and what they say is encrypted.

Their authority is another in each life of the platform, and its key is in memory alone: Ray reads no newer
certificate while it runs, so these have to last as long as it does. It says nothing of names (gRPC refuses
authorities that say anything of addresses), and nobody but Ray's processes believes it.

Source: https://docs.ray.io/en/latest/ray-core/configure.html, TLS authentication
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sagehen.cluster.authority import certificates
from sagehen.cluster.authority.certificates import Holder
from sagehen.cluster.authority.names import address_in
from sagehen.cluster.authority.requests import BadRequest, key_in, request_for
from sagehen.domain.whole_files import write_whole

_LIFETIME = timedelta(days=3650)
_AUTHORITY, _CERTIFICATE, _KEY = "authority.pem", "certificate.pem", "key.pem"


class RayAuthority:
    """Vouches for Ray's processes of one life of the platform. Making one blocks for a millisecond."""

    def __init__(self) -> None:
        self._key = certificates.new_key()
        self._made = certificates.authority_certificate(self._key, None, datetime.now(UTC), _LIFETIME)

    def answer(self, request: bytes, address: str) -> dict[str, str]:
        """Return what a node asked for: a certificate for its key and address, and the authority.

        Args:
            request: A signing request (PEM).
            address: By which Ray's other processes reach it.

        Raises:
            BadRequest: It is none, or the address is none.
        """
        if address_in(address) is None:
            raise BadRequest("an address is wanted")
        holder = Holder("ray", [address, "127.0.0.1", "localhost"], usage="both")
        made = certificates.signed_certificate(
            self._made, self._key, key_in(request), holder, datetime.now(UTC), _LIFETIME
        )
        return {
            "authority": certificates.certificate_pem(self._made).decode(),
            "certificate": certificates.certificate_pem(made).decode(),
        }


class RayKey:
    """The key of Ray's processes on this machine, and the folder that they read it from.

    Args:
        folder: Its own; made with mode 0700.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = certificates.new_key()

    @property
    def request(self) -> bytes:
        """What `RayAuthority.answer` takes."""
        return request_for(self._key)

    def write(self, answer: Mapping[str, str]) -> dict[str, str]:
        """Write what was answered, and return the variables by which Ray's processes find it.

        Raises:
            OSError, KeyError
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self._folder / _KEY, certificates.private_pem(self._key))
        write_whole(self._folder / _AUTHORITY, answer["authority"].encode())
        write_whole(self._folder / _CERTIFICATE, answer["certificate"].encode())
        return {
            "RAY_USE_TLS": "1",
            "RAY_TLS_CA_CERT": os.fspath(self._folder / _AUTHORITY),
            "RAY_TLS_SERVER_CERT": os.fspath(self._folder / _CERTIFICATE),
            "RAY_TLS_SERVER_KEY": os.fspath(self._folder / _KEY),
        }
