"""Steps of a creation: which are called, and what is kept of what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.domain.identity import Principal, service_principal
from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.running.calling import Actor, StepFailed
from sagehen.services.cloudformation.running.steps import Steps
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.resource_type import resource_types
from tests.unit.cloudformation.test_types import PLACES, SHAPES

PAIR = resource_types()["AWS::EC2::KeyPair"]
ACTOR = Actor(service_principal("cloudformation.amazonaws.com"), Scope("123456789012", "us-east-1"))


class Answers:
    """Operations that answer what they are told to, and remember what they were asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    async def call(
        self, principal: Principal, scope: Scope, service: str, operation: str, request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        self.asked.append((operation, request))
        answer = self.answers[operation]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


MADE = {"KeyPairId": "key-1", "KeyFingerprint": "f", "KeyMaterial": "private"}


@pytest.mark.parametrize("stored", [{}, ServiceError("no room")])
async def test_a_private_key_is_handed_on_and_kept_nowhere(stored: Any) -> None:
    calls = Answers(CreateKeyPair=MADE, PutParameter=stored)
    try:
        known = await Steps(calls, SHAPES).create(ACTOR, PAIR, Known({"KeyName": "k"}, places=PLACES))
    except StepFailed as error:
        known = error.known  # type: ignore[attr-defined]
    assert calls.asked == [
        ("CreateKeyPair", {"KeyName": "k"}),
        ("PutParameter", {"Name": "/ec2/keypair/key-1", "Type": "SecureString", "Value": "private"}),
    ]
    assert known.identity == "k"
    assert known.result == {"KeyPairId": "key-1", "KeyFingerprint": "f"}


async def test_a_pair_that_is_imported_has_no_parameter() -> None:
    material = "ssh-ed25519 AAAA"
    calls = Answers(ImportKeyPair={"KeyPairId": "key-1"}, DeleteKeyPair={})
    known = Known({"KeyName": "k", "PublicKeyMaterial": material, "KeyType": "rsa"}, places=PLACES)
    known = await Steps(calls, SHAPES).create(ACTOR, PAIR, known)
    await Steps(calls, SHAPES).delete(ACTOR, PAIR, known)
    assert [name for name, _ in calls.asked] == ["ImportKeyPair", "DeleteKeyPair"]
