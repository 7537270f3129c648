"""What the operator asks of a cluster, as `sagehen nodes` and its like send it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sagehen.api.errors import ValidationException
from sagehen.cluster.placement.places import OWN
from sagehen.domain.ports.calls.operator_acts import OperatorAct
from sagehen.domain.scope import Scope

_TOKEN_S = 3600
_MOST_TOKEN_S = 7 * 86_400


class Operated(Protocol):
    """A cluster; see `cluster.Cluster`."""

    address: str

    @property
    def joining_problem(self) -> str | None: ...
    def document(self) -> dict[str, Any]: ...
    def token(self, lifetime_s: float) -> str: ...
    def revoke_tokens(self) -> int: ...
    async def drain(self, name: str, *, take_again: bool) -> None: ...
    async def remove(self, name: str) -> None: ...


def acts_of(cluster: Operated) -> dict[str, OperatorAct]:
    """Return the acts by their names. What they raise is the request's: ValidationException."""

    async def nodes(scope: Scope, document: Mapping[str, Any]) -> dict[str, Any]:
        return cluster.document()

    async def token(scope: Scope, document: Mapping[str, Any]) -> dict[str, Any]:
        if problem := cluster.joining_problem:
            raise ValidationException(f"No machine can join: {problem}")
        seconds = document.get("Seconds", _TOKEN_S)
        if not isinstance(seconds, int) or not 1 <= seconds <= _MOST_TOKEN_S:
            raise ValidationException(f"Seconds must be between 1 and {_MOST_TOKEN_S}")
        return {"Address": cluster.address, "Token": cluster.token(seconds), "Seconds": seconds}

    async def revoke(scope: Scope, document: Mapping[str, Any]) -> dict[str, Any]:
        return {"Revoked": cluster.revoke_tokens()}

    async def remove(scope: Scope, document: Mapping[str, Any]) -> dict[str, Any]:
        found = _node(cluster, document)
        if found["Name"] == OWN:
            raise ValidationException("The platform's own machine cannot be removed; it can be drained")
        await cluster.remove(found["Name"])
        return {"Node": found["Name"]}

    async def drain(scope: Scope, document: Mapping[str, Any]) -> dict[str, Any]:
        again = document.get("TakeAgain", False)
        if not isinstance(again, bool):
            raise ValidationException("TakeAgain must be true or false")
        await cluster.drain(_node(cluster, document)["Name"], take_again=again)
        return {"Node": _node(cluster, document)}

    return {
        "nodes": nodes,
        "join-token": token,
        "revoke-tokens": revoke,
        "remove-node": remove,
        "drain": drain,
    }


def _node(cluster: Operated, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told of the node that a document names.

    Raises:
        ValidationException: There is none.
    """
    named = document.get("Node")
    for node in cluster.document()["Nodes"]:
        if node["Name"] == named:
            found: dict[str, Any] = node
            return found
    raise ValidationException("There is no such node; `sagehen nodes` lists them")
