"""LinkServer: where nodes dial the platform."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sagehen.cluster.authority.authority import Authority
from sagehen.cluster.authority.certificates import Holder
from sagehen.cluster.authority.requests import LIFETIME, PLATFORM
from sagehen.cluster.authority.tokens import Tokens
from sagehen.cluster.links.admission import Admission
from sagehen.cluster.links.contexts import peer_node, platform_context, show
from sagehen.cluster.links.link import TlsLink
from sagehen.cluster.links.reception import Reception, detached
from sagehen.cluster.streams import Handler, Link, Stream
from sagehen.domain.background import Rounds
from sagehen.domain.clock import SystemClock

_log = logging.getLogger(__name__)

_BACKLOG = 256
_ROUND_S = 30.0
_SHUTDOWN_S = 2.0
# A machine without a certificate asks two things and goes.
_STRANGER_S = 15.0
_MOST_STRANGERS = 32
_STRANGERS_STREAMS = 2
MOST_NODES = 1024


class LinkServer:
    """Accepts links of nodes, and lets machines join.

    Args:
        authority: Vouches for the platform and its nodes; `ensure` came first.
        tokens: Say who may join.
        handlers_for: What a node may open here, by kind.
        on_link: Told of every new link; it is lost again if that raises.
        is_known: Whether a node whose certificate is good is one still; asked at each new link and twice a
            minute.
        now: The world's time, in UTC.
        on_show: Told of each certificate that is shown from now on, and of its key.
    """

    def __init__(
        self,
        authority: Authority,
        tokens: Tokens,
        *,
        handlers_for: Callable[[str], Mapping[str, Handler]],
        on_link: Callable[[Link], Awaitable[None]],
        is_known: Callable[[str], bool] = lambda node: True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_show: Callable[[bytes, bytes], None] = lambda certificate, key: None,
    ) -> None:
        self._authority = authority
        self._admission = Admission(authority, tokens)
        self._handlers_for = handlers_for
        self._on_link = on_link
        self._is_known = is_known
        self._now = now
        self._on_show = on_show
        self._folder = authority.certificate_path.parent
        self._context = platform_context(authority.certificate_path.read_text())
        self._shown_until = datetime.min.replace(tzinfo=UTC)
        self._links: dict[str, _Accepted] = {}
        self._strangers: dict[_Accepted, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._reception: Reception | None = None
        self._rounds = Rounds("links", self._round, SystemClock(), _ROUND_S, tale="looking after links")

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port.

        Args:
            host: An address of this machine.
            port: 0 takes a free one.

        Raises:
            OSError: The address is taken or not ours.
        """
        self._renew()
        listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=_BACKLOG
        )
        listener.setblocking(False)
        found: int = listener.getsockname()[1]
        self._reception = Reception(listener, self._bring_in, name="the door for nodes")
        self._rounds.start()
        return found

    async def stop(self) -> None:
        """End every link."""
        await self._rounds.stop()
        if self._reception is not None:
            self._reception.close()
        for task in self._tasks:
            task.cancel()
        links = [*self._links.values(), *self._strangers]
        await asyncio.gather(*(link.close() for link in links), *self._tasks, return_exceptions=True)

    def drop(self, node: str) -> None:
        """End a node's link at once. It dials again, and gets in if `is_known` still says so."""
        if (link := self._links.get(node)) is not None:
            link.abort()

    def _renew(self) -> None:
        """Have a newer certificate shown, where the one that is shown ends within six of its seven days."""
        if self._shown_until - self._now() > LIFETIME * 6 / 7:
            return
        issued = self._authority.issue(Holder("platform", uris=[PLATFORM]), LIFETIME)
        show(self._context, issued.certificate_pem, issued.key_pem, self._folder)
        self._on_show(issued.certificate_pem, issued.key_pem)
        self._shown_until = issued.expires

    async def _round(self) -> None:
        self._renew()
        for node, link in list(self._links.items()):
            if link.expires <= self._now() or not self._is_known(node):
                _log.warning("the link to %s ends: its certificate is not good any more", node)
                link.abort()

    async def _bring_in(self, connection: socket.socket, until: float) -> None:
        link = _Accepted(self)  # uvloop returns another protocol than the one that it was given
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: link,
            detached(connection),
            ssl=self._context,
            ssl_handshake_timeout=max(0.1, until - time.monotonic()),
            ssl_shutdown_timeout=_SHUTDOWN_S,
        )
        if link.is_lost:
            return
        if not link.peer:
            self._entertain(link)
        elif link.peer not in self._links and len(self._links) >= MOST_NODES:
            _log.warning("%s is not let in: %d nodes are linked", link.peer, MOST_NODES)
            link.abort()
        else:
            self._welcome(link)

    def _entertain(self, stranger: _Accepted) -> None:
        """Give a machine without a certificate its time."""
        if len(self._strangers) >= _MOST_STRANGERS:
            next(iter(self._strangers)).abort()
        self._strangers[stranger] = None
        self._keep(self._see_off(stranger))

    async def _see_off(self, stranger: _Accepted) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stranger.closed(), _STRANGER_S)
        self._strangers.pop(stranger, None)
        stranger.abort()

    def _welcome(self, link: _Accepted) -> None:
        before = self._links.get(link.peer)
        self._links[link.peer] = link
        if before is not None:  # it dialled again before we knew that its last link is gone
            before.abort()
        self._keep(self._accompany(link))

    async def _accompany(self, link: _Accepted) -> None:
        try:
            await self._on_link(link)
        except Exception:
            _log.exception("the link to %s could not be taken", link.peer)
            link.abort()
        await link.closed()
        if self._links.get(link.peer) is link:
            del self._links[link.peer]

    def _keep(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def judge(self, shown: Any) -> tuple[str, datetime, dict[str, Handler]] | None:
        """Say who a peer is, until when, and what it may open; None where it may not come in.

        Args:
            shown: Its verified certificate; empty where it has none.
        """
        if not shown:
            return "", datetime.max.replace(tzinfo=UTC), self._admission.for_strangers()
        found = peer_node(shown)
        if found is None or not self._is_known(found[0]):
            _log.warning("a certificate that is no node's any more: %s", found[0] if found else "of no node")
            return None
        node, expires = found
        renewal = self._admission.for_node(node)["renew"]

        async def renew(arguments: Mapping[str, Any], stream: Stream) -> None:
            await renewal(arguments, stream)
            if (link := self._links.get(node)) is not None:
                link.expires = self._now() + LIFETIME

        return node, expires, {**self._handlers_for(node), "renew": renew}


class _Accepted(TlsLink):
    """A link that came in; who it is of is known once the handshake is over."""

    def __init__(self, server: LinkServer) -> None:
        super().__init__("", {}, dialled=False)
        self._server = server
        self.expires = datetime.max.replace(tzinfo=UTC)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        judged = self._server.judge(transport.get_extra_info("peercert"))
        if judged is None:
            self.abort()
            return
        self._peer, self.expires, self._handlers = judged
        if not self._peer:
            self.most_streams = _STRANGERS_STREAMS
