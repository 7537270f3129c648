"""Beside: connections of a node to other ports of the platform's, by what its link goes by."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from sagehen.cluster.links.contexts import is_platform, node_context, show
from sagehen.cluster.links.dialling import NotThePlatform
from sagehen.cluster.links.identity import NodeIdentity

_DIAL_S = 10.0
# Of one read or write: a far side that stands still for so long is gone.
_SILENCE_S = 60.0


class Beside:
    """Dials.

    Args:
        host: The platform's.
        identity: The folder of this node's identity; read anew where it has been renewed.
    """

    def __init__(self, host: str, identity: Path) -> None:
        self._host = host
        self._folder = identity
        self._shown: NodeIdentity | None = None
        self._context: ssl.SSLContext | None = None

    def connect(self, port: int) -> ssl.SSLSocket:
        """Connect; both ends are proven then. Blocking.

        Raises:
            OSError: Nobody answers there (NotThePlatform: somebody else does).
        """
        context = self._renewed()
        raw = socket.create_connection((self._host, port), timeout=_DIAL_S)
        try:
            connection = context.wrap_socket(raw)
        except BaseException:
            raw.close()
            raise
        if not is_platform(connection.getpeercert()):
            connection.close()
            raise NotThePlatform(f"{self._host}:{port} is not the platform")
        connection.settimeout(_SILENCE_S)
        return connection

    def _renewed(self) -> ssl.SSLContext:
        identity = NodeIdentity.read(self._folder)
        if identity is None:
            raise NotThePlatform("this machine is no node any more")
        if self._context is None or identity != self._shown:
            context = node_context(identity.authority_pem)
            show(context, identity.certificate_pem.encode(), identity.key_pem.encode(), self._folder)
            self._context, self._shown = context, identity
        return self._context
