"""LinkClient: a node's link to the platform, dialled again whenever it is lost."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import orjson

from sagehen.cluster.authority import certificates
from sagehen.cluster.authority.requests import LIFETIME, request_for
from sagehen.cluster.links.contexts import node_context, show
from sagehen.cluster.links.dialling import dial
from sagehen.cluster.links.identity import NodeIdentity
from sagehen.cluster.links.link import TlsLink
from sagehen.cluster.streams import Handler, Link, receive_all
from sagehen.domain.background import Background

_log = logging.getLogger(__name__)

_DIAL_S = 10.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
# A link that lives so long was none that the platform ended at once.
_GOOD_S = 10.0
_RENEWAL_S = 3600.0
_MOST_BYTES = 64 * 1024


class LinkClient:
    """Keeps one link up.

    Args:
        host: Of the platform.
        port: Of its door for nodes.
        identity: Of this node; renewed here, and kept in its folder.
        handlers: What the platform may open.
        on_link: Told of every new link.
    """

    def __init__(
        self,
        host: str,
        port: int,
        identity: NodeIdentity,
        handlers: Mapping[str, Handler],
        on_link: Callable[[Link], Awaitable[None]],
    ) -> None:
        self._place = host, port
        self.identity = identity
        self._handlers = handlers
        self._on_link = on_link
        self._context = node_context(identity.authority_pem)
        self._show()
        self._dialling = Background("the link to the platform", self._keep_linked)
        self._renewing = Background("the renewal of this node's certificate", self._keep_renewed)
        self._link: TlsLink | None = None
        self._linked = asyncio.Event()

    async def start(self) -> None:
        """Begin to dial."""
        self._dialling.start()
        self._renewing.start()

    async def close(self) -> None:
        """End the link and dial no more."""
        await self._renewing.stop()
        await self._dialling.stop()
        if self._link is not None:
            await self._link.close()

    def _show(self) -> None:
        identity = self.identity
        show(self._context, identity.certificate_pem.encode(), identity.key_pem.encode(), identity.folder)

    async def _keep_linked(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            began = time.monotonic()
            try:
                self._link = await dial(*self._place, self._context, self._handlers, timeout_s=_DIAL_S)
                await self._on_link(self._link)
                self._linked.set()
                await self._link.closed()
                self._linked.clear()
                reason = "it was lost"
            except (OSError, TimeoutError) as error:
                reason = str(error) or type(error).__name__
            except Exception:
                _log.exception("the link could not be taken")
                reason = "it could not be taken"
                if self._link is not None:
                    self._link.abort()
            if time.monotonic() - began > _GOOD_S:
                pause_s = _FIRST_PAUSE_S
            _log.warning("no link to the platform at %s:%d: %s", *self._place, reason)
            await asyncio.sleep(pause_s * (0.5 + random.random()))
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _keep_renewed(self) -> None:
        while True:
            await self._linked.wait()
            try:
                await self.renew_if_due()
            except (OSError, TimeoutError, ValueError, KeyError) as error:
                _log.warning("this node's certificate could not be renewed: %s; it is tried again", error)
            await asyncio.sleep(_RENEWAL_S)

    async def renew_if_due(self, now: datetime | None = None) -> bool:
        """Renew the certificate where it ends within six of its seven days; return whether that was so.

        Raises:
            OSError, TimeoutError: The link is lost, or the platform refuses.
        """
        from cryptography import x509

        held = x509.load_pem_x509_certificate(self.identity.certificate_pem.encode())
        link = self._link
        if held.not_valid_after_utc - (now or datetime.now(UTC)) > LIFETIME * 6 / 7 or link is None:
            return False
        key = certificates.new_key()
        stream = await link.open("renew", {"request": request_for(key).decode()}, timeout_s=_DIAL_S)
        await stream.finish()
        answer = orjson.loads(await receive_all(stream, _MOST_BYTES))
        renewed = replace(
            self.identity,
            certificate_pem=str(answer["certificate"]),
            key_pem=certificates.private_pem(key).decode(),
        )
        renewed.write()
        self.identity = renewed
        self._show()
        return True
