"""An authority, and identities that it vouches for: for tests that dial without a link."""

from __future__ import annotations

import ssl
from pathlib import Path

from sagehen.cluster.authority import certificates
from sagehen.cluster.authority.authority import Authority
from sagehen.cluster.authority.certificates import Holder
from sagehen.cluster.authority.requests import LIFETIME, PLATFORM, request_for, signed
from sagehen.cluster.links.contexts import platform_context, show
from sagehen.cluster.links.identity import NodeIdentity


class Keys:
    """Of one platform.

    Attributes:
        shown: The platform's certificate and its key.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = Authority(folder)
        self._authority.ensure()
        self.authority_pem = self._authority.certificate_path.read_text()
        issued = self._authority.issue(Holder("platform", uris=[PLATFORM]), LIFETIME)
        self.shown = issued.certificate_pem, issued.key_pem

    def context(self) -> ssl.SSLContext:
        """Return the platform's, of TLS."""
        made = platform_context(self.authority_pem)
        show(made, *self.shown, self._folder)
        return made

    def identity(self, name: str, folder: Path) -> NodeIdentity:
        """Return what makes a machine a node of that name."""
        key = certificates.new_key()
        certificate = signed(self._authority, request_for(key), name).decode()
        pem = certificates.private_pem(key).decode()
        return NodeIdentity(folder, name, certificate, pem, self.authority_pem)
