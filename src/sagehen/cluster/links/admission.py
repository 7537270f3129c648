"""Admission: what the platform answers to machines that want to be nodes, and to nodes whose certificate
ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from sagehen.cluster.authority.authority import Authority
from sagehen.cluster.authority.requests import BadRequest, signed
from sagehen.cluster.authority.tokens import Tokens
from sagehen.cluster.streams import Handler, Stream, StreamRefused, line

_log = logging.getLogger(__name__)

# Failures of all machines together; a token cannot be guessed, and nobody's log shall be filled.
_MOST_FAILURES = 20
_FAILURES_S = 60.0


class Admission:
    """Gives certificates.

    Args:
        authority: Signs.
        tokens: Says who may join.
        monotonic: Seconds.
    """

    def __init__(
        self, authority: Authority, tokens: Tokens, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._authority = authority
        self._tokens = tokens
        self._monotonic = monotonic
        self._failed: list[float] = []

    def for_strangers(self) -> dict[str, Handler]:
        """Return what a machine without a certificate may open."""
        return {"authority": self._tell_authority, "join": self._join}

    def for_node(self, node: str) -> dict[str, Handler]:
        """Return what a node may open for itself."""

        async def renew(arguments: Mapping[str, Any], stream: Stream) -> None:
            await stream.send(line({"certificate": self._sign(arguments, node)}))

        return {"renew": renew}

    async def _tell_authority(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        await stream.send(line({"authority": self._authority.certificate_path.read_text()}))

    async def _join(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        now = self._monotonic()
        self._failed = [at for at in self._failed if now - at < _FAILURES_S]
        if len(self._failed) >= _MOST_FAILURES:
            raise StreamRefused("too many tokens were wrong; try again in a minute")
        secret = arguments.get("secret")
        self._sign(arguments, "nobody")  # what cannot be signed spends no token
        name = self._tokens.admit(secret) if isinstance(secret, str) else None
        if name is None:
            self._failed.append(now)
            _log.warning("a machine wanted to join with a token that is not good, or not any more")
            raise StreamRefused("the token is not good, or not any more")
        certificate = self._sign(arguments, name)
        _log.info("%s has joined", name)
        await stream.send(line({"name": name, "certificate": certificate}))

    def _sign(self, arguments: Mapping[str, Any], node: str) -> str:
        request = arguments.get("request")
        try:
            return signed(self._authority, str(request).encode("utf-8", "replace"), node).decode()
        except BadRequest as error:
            raise StreamRefused(str(error)) from None
