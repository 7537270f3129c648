"""Entrance: where nodes reach the platform, with what lets machines join."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

from sagehen.cluster.authority.authority import Authority
from sagehen.cluster.authority.tokens import Tokens
from sagehen.cluster.executor.porter import Porter
from sagehen.cluster.links.server import LinkServer
from sagehen.cluster.streams import Handler, Link


class CannotOpen(Exception):
    """The address is taken, or none of this machine's; the message is shown as it is."""


class Entrance:
    """Takes links at an address.

    Args:
        authority_folder: Where the platform's authority is kept.
        host, port: Of the door for nodes; port 0 takes a free one.
        handlers_for: What a node may open here.
        on_link: Told of every link; it is lost again if that raises.
        porter: Listens beside it, at the same address.
        is_known: Whether a node that has joined is one still.
    """

    def __init__(
        self,
        authority_folder: Path,
        host: str,
        port: int,
        handlers_for: Callable[[str], Mapping[str, Handler]],
        on_link: Callable[[Link], Awaitable[None]],
        porter: Porter,
        is_known: Callable[[str], bool],
    ) -> None:
        self._porter = porter
        self._host, self._port = host, port
        authority = Authority(authority_folder)
        authority.ensure()
        self._authority = authority
        self._tokens = Tokens(authority_folder / "tokens.json", authority.pin)
        self._server = LinkServer(
            authority,
            self._tokens,
            handlers_for=handlers_for,
            on_link=on_link,
            is_known=is_known,
            on_show=porter.show,
        )

    async def start(self) -> str:
        """Open it; return HOST:PORT.

        Raises:
            CannotOpen
        """
        try:
            certificate = self._authority.certificate_path
            self._porter.open(self._host, 0, certificate.parent, certificate.read_text())
            port = await self._server.start(self._host, self._port)
        except OSError as error:
            raise CannotOpen(f"--cluster {self._host}:{self._port}: {error.strerror or error}") from error
        return f"{self._host}:{port}"

    async def stop(self) -> None:
        """End every link, and what goes beside them."""
        await self._server.stop()
        await self._porter.close()

    @property
    def pin(self) -> str:
        """What no other platform has: of the authority's key."""
        return self._authority.pin

    def token(self, lifetime_s: float, node: str = "") -> str:
        """Return what lets one machine join, once, by that name if one is given."""
        return self._tokens.issue(timedelta(seconds=lifetime_s), once=True, node=node)

    def end(self, node: str) -> None:
        """End a node's link; it gets another one where it is known still."""
        self._server.drop(node)

    def revoke_tokens(self) -> int:
        """Let no machine join by a token that was given out; return how many were good."""
        return self._tokens.revoke_all()
