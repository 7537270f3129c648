"""What an operator asks of a cluster: of nodes that there are, within bounds."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.cluster.operator_acts import acts_of
from sagehen.domain.scope import Scope

SCOPE = Scope("123456789012", "us-east-1")


class Told:
    """A cluster of two nodes that notes what it is told."""

    address = "192.0.2.1:4567"
    joining_problem: str | None = None

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def document(self) -> dict[str, Any]:
        return {"Nodes": [{"Name": "platform"}, {"Name": "node-1"}]}

    def token(self, lifetime_s: float) -> str:
        return f"for {lifetime_s}"

    def revoke_tokens(self) -> int:
        return 3

    async def drain(self, name: str, *, take_again: bool) -> None:
        self.told.append(("drain", name, take_again))

    async def remove(self, name: str) -> None:
        self.told.append(("remove", name))


ASKED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("join-token", {}, {"Address": "192.0.2.1:4567", "Token": "for 3600", "Seconds": 3600}),
    ("revoke-tokens", {}, {"Revoked": 3}),
    ("drain", {"Node": "platform", "TakeAgain": True}, {"Node": {"Name": "platform"}}),
    ("remove-node", {"Node": "node-1"}, {"Node": "node-1"}),
]


@pytest.mark.parametrize(("act", "document", "answer"), ASKED)
async def test_what_is_done(act: str, document: dict[str, Any], answer: dict[str, Any]) -> None:
    cluster = Told()
    assert await acts_of(cluster)[act](SCOPE, document) == answer
    expected = {"drain": [("drain", "platform", True)], "remove-node": [("remove", "node-1")]}
    assert cluster.told == expected.get(act, [])


@pytest.mark.parametrize(
    ("act", "document", "words"),
    [
        ("join-token", {"Seconds": 0}, "between 1 and 604800"),
        ("join-token", {"Seconds": "1"}, "between 1 and 604800"),
        ("drain", {"Node": "node-2"}, "no such node"),
        ("drain", {"Node": "node-1", "TakeAgain": "yes"}, "TakeAgain"),
        ("remove-node", {"Node": "platform"}, "can be drained"),
        ("remove-node", {"Node": ["node-1"]}, "no such node"),
        ("remove-node", {}, "no such node"),
    ],
)
async def test_what_is_refused(act: str, document: dict[str, Any], words: str) -> None:
    cluster = Told()
    with pytest.raises(ValidationException, match=words):
        await acts_of(cluster)[act](SCOPE, document)
    assert cluster.told == []


async def test_nobody_is_invited_where_nobody_can_join() -> None:
    cluster = Told()
    cluster.joining_problem = "this platform uses the Ray at 10.0.0.1:6379"
    with pytest.raises(
        ValidationException, match=r"No machine can join: this platform uses the Ray at 10\.0"
    ):
        await acts_of(cluster)["join-token"](SCOPE, {})
