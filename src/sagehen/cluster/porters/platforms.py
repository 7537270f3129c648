"""The platform's porter: nodes dial its door; what for, the platform says line by line, and hears the end.

Lines to it: `show` (a certificate, from now on), `offer` (a ticket, and what to do), `withdraw` (a ticket).
Lines from it: `done` (a ticket of what is offered once), and `error`, if it is the tree's and not the
connection's.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from sagehen.cluster.links.contexts import peer_node, platform_context, show
from sagehen.cluster.porters.door import Door
from sagehen.cluster.porters.offers import Offer, Work
from sagehen.cluster.porters.pumping import pump
from sagehen.cluster.trees.packing import FileChanged
from sagehen.cluster.trees.passing import read_tree, write_tree
from sagehen.cluster.unix_sockets import short


class PlatformPorter:
    """Carries for one platform.

    Args:
        listener: Where nodes dial.
        control: To the platform; all ends with it.
        folder: For a file of a moment, which only its owner may read.
    """

    def __init__(self, listener: socket.socket, control: socket.socket, folder: Path) -> None:
        self._control = control
        self._folder = folder
        self._telling = threading.Lock()
        self._lines = control.makefile("rb")
        first = orjson.loads(self._lines.readline())
        self._context = platform_context(first["authority"])
        self._show(first)
        self._door = Door(listener, self._context, node_of)

    def serve(self) -> None:
        """Do as told, until the platform has gone."""
        for text in self._lines:
            told = orjson.loads(text)
            match told["what"]:
                case "show":
                    self._show(told)
                case "offer":
                    self._offer(told)
                case "withdraw":
                    self._door.offers.withdraw(told["ticket"])
        self._door.close()

    def _show(self, told: Mapping[str, Any]) -> None:
        show(self._context, told["certificate"].encode(), told["key"].encode(), self._folder)

    def _offer(self, told: Mapping[str, Any]) -> None:
        ticket, is_standing = told["ticket"], told["do"] == "s3"
        # How one of the connections of what stands has ended, its node tells; the next one is another's.
        on_done = _unheard if is_standing else partial(self._done, ticket)
        offer = Offer(told["node"], work_of(told), is_standing=is_standing, on_done=on_done)
        self._door.offers.add(ticket, offer)

    def _done(self, ticket: str, error: Exception | None) -> None:
        # What becomes of a connection, the node tells; what a file does here, nobody else knows.
        is_ours = isinstance(error, FileChanged | FileNotFoundError | NotADirectoryError)
        failure = str(error) if is_ours else None
        with self._telling:
            self._control.sendall(
                orjson.dumps({"done": ticket, "failed": error is not None, "error": failure}) + b"\n"
            )


def work_of(told: Mapping[str, Any]) -> Work:
    """Return what an offer is of.

    Raises:
        KeyError: It is of nothing that there is.
    """
    kinds: dict[str, Callable[[], Work]] = {
        "write": lambda: partial(
            write_tree,
            root=Path(told["root"]),
            known=None if told["known"] is None else frozenset(told["known"]),
        ),
        "read": lambda: partial(read_tree, target=Path(told["target"]), most_bytes=int(told["most"])),
        "s3": lambda: partial(_to_service, Path(told["service"])),
    }
    return kinds[told["do"]]()


def _to_service(place: Path, connection: Any) -> None:
    with socket.socket(socket.AF_UNIX) as service, short(place) as address:
        service.connect(address)
        pump(connection, service)


def _unheard(error: Exception | None) -> None:
    pass


def node_of(shown: Any) -> str | None:
    found = peer_node(shown)
    return None if found is None else found[0]
