"""What the front door leads to besides operations, in rooms that may not be there yet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import parse_qsl

from sagehen.app.wiring.rooms import Rooms
from sagehen.domain.ports.calls.operator_acts import OperatorAct
from sagehen.domain.ports.compute.terminals import NoTerminal, Terminal, TerminalHost
from sagehen.domain.scope import Scope
from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.http import HttpResponse

if TYPE_CHECKING:
    from sagehen.services.sagemaker.notebooks.entrance import (
        Admitted,
        NotebookEntrance,
        Opened,
        Place,
        Refused,
        Visitor,
    )
    from sagehen.services.sagemaker.tracking_servers.entrance import Entrance

Q = TypeVar("Q", contravariant=True)
A = TypeVar("A", covariant=True)


class LateAnswers(Generic[Q, A]):
    """Implements FunctionUrlAnswers, and RegistryAnswers.

    Args:
        room: In which it is that answers.
        found: Finds it there.
    """

    def __init__(
        self, rooms: Rooms, room: str, found: Callable[[Rooms], Callable[[Q], Awaitable[A]]]
    ) -> None:
        self._rooms, self._room, self._found = rooms, room, found

    async def answer(self, request: Q) -> A:
        """Answer a request."""
        await self._rooms.need(self._room)
        return await self._found(self._rooms)(request)


class LateRestApis(LateAnswers[Q, A]):
    """Implements RestApiAnswers."""

    def is_own_connection(self, peer: str, port: int) -> bool:
        """See RestApiAnswers."""
        there = self._rooms.has("apigateway")
        return there and self._rooms.apigateway.data_plane.is_own_connection(peer, port)


class LateNotebooks:
    """Implements NotebookEntrance."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def open(self, place: Place, token: str, visitor: Visitor) -> Opened | Refused:
        """See NotebookEntrance."""
        return await (await self._entrance()).open(place, token, visitor)

    async def admit(self, place: Place, session: str, visitor: Visitor) -> Admitted | Refused:
        """See NotebookEntrance."""
        return await (await self._entrance()).admit(place, session, visitor)

    async def _entrance(self) -> NotebookEntrance:
        await self._rooms.need("sagemaker")
        entrance = self._rooms.sagemaker.notebook_entrance
        assert entrance is not None
        return entrance


class LateTerminals:
    """Implements the port Terminals: no machine runs before EC2 is there."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def find(self, scope: Scope, instance_id: str) -> TerminalHost | None:
        """See `Terminals.find`."""
        return self._rooms.terminals.find(scope, instance_id) if self._rooms.has("ec2") else None

    async def open(self, scope: Scope, instance_id: str, user: str, kind: str) -> Terminal:
        """See `Terminals.open`."""
        if not self._rooms.has("ec2"):
            raise NoTerminal("The machine does not run.")
        return await self._rooms.terminals.open(scope, instance_id, user, kind)


def operator_acts(rooms: Rooms) -> Mapping[str, OperatorAct]:
    """Return what the operator may do besides AWS's operations, by name."""

    def late(room: str, find: Callable[[], OperatorAct]) -> OperatorAct:
        async def act(scope: Scope, request: Mapping[str, Any]) -> Mapping[str, Any]:
            await rooms.need(room)
            return await find()(scope, request)

        return act

    def of_sagemaker(name: str) -> OperatorAct:
        return late("sagemaker", lambda: rooms.sagemaker.operator_acts[name])

    return {
        "capacity": of_sagemaker("capacity"),
        "interrupt": of_sagemaker("interrupt"),
        "interrupt-instance": late("ec2", lambda: rooms.ec2.instances.operator_acts["interrupt-instance"]),
        "ssh": late("ec2", lambda: rooms.ssh.ssh),
        "ssh-ports": late("ec2", lambda: rooms.ssh.ssh_ports),
    }


async def tracking_entrance(rooms: Rooms) -> Entrance:
    """Return who lets requests in to tracking servers."""
    await rooms.need("sagemaker")
    entrance = rooms.sagemaker.tracking_entrance
    assert entrance is not None
    return entrance


async def receive_signal(rooms: Rooms, key: str, body: bytes) -> bool:
    """Take what came to a key's URL; see CloudFormation's own. Before it is there, nobody gave out a key."""
    return rooms.has("cloudformation") and await rooms.cloudformation.receive_signal(key, body)


async def lambda_code(rooms: Rooms, incoming: Incoming) -> HttpResponse:
    """Hand out a function's package to who has the URL that GetFunction made, in this life."""
    query = dict(parse_qsl(incoming.query))
    package = rooms.functions.downloads.package(query) if rooms.has("lambda_") else None
    if package is None:
        return HttpResponse(403, {"Content-Type": "text/plain"}, b"This URL is not valid, or not any more.\n")
    return HttpResponse(200, {"Content-Type": "application/zip"}, package)
