"""What EC2's refusals say to who may decode it."""

from __future__ import annotations

import json

import pytest

from sagehen.domain.access import Access
from sagehen.domain.identity import root_principal
from sagehen.services.iam.authorization.encoded import EncodedMessages
from sagehen.services.iam.errors import InvalidAuthorizationMessageException
from sagehen.services.iam.evaluation.evaluator import Decision, PolicySource

ACCOUNT, OTHER = "123456789012", "210987654321"
VPC = Access("ec2:DeleteVpc", f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/vpc-1", {"ec2:Region": "us-east-1"})
REFUSED = Decision(False, True, PolicySource.IDENTITY, (), contextual=False)


def test_a_message_tells_what_was_asked_for() -> None:
    messages = EncodedMessages()
    encoded = messages.encode(root_principal(ACCOUNT), VPC, {"aws:SourceIp": "127.0.0.1"}, REFUSED)
    document = json.loads(messages.decode(ACCOUNT, encoded))
    assert (document["allowed"], document["explicitDeny"]) == (False, True)
    assert (document["context"]["action"], document["context"]["resource"]) == (VPC.action, VPC.resource)
    keys = [item["key"] for item in document["context"]["conditions"]["items"]]
    assert keys == ["aws:SourceIp", "ec2:Region"]


def test_what_a_request_brings_is_bounded() -> None:
    messages = EncodedMessages()
    large = {f"aws:RequestTag/{n:0500}": "\x00\U0001f426" * 5000 for n in range(1000)}
    encoded = messages.encode(root_principal(ACCOUNT), VPC, large, REFUSED)
    assert len(encoded) < 10_240 and messages.decode(ACCOUNT, encoded)


def test_nobody_else_can_read_it() -> None:
    messages = EncodedMessages()
    encoded = messages.encode(root_principal(ACCOUNT), VPC, {}, REFUSED)
    for account, message in (
        (OTHER, encoded),
        (ACCOUNT, encoded[:-4] + "AAAA"),
        (ACCOUNT, "nonsense"),
        (ACCOUNT, "ä"),
        (ACCOUNT, "A" * 20_000),
        (ACCOUNT, EncodedMessages().encode(root_principal(ACCOUNT), VPC, {}, REFUSED)),
    ):
        with pytest.raises(InvalidAuthorizationMessageException):
            messages.decode(account, message)


def test_an_empty_message_is_none() -> None:
    with pytest.raises(InvalidAuthorizationMessageException):
        EncodedMessages().decode(ACCOUNT, "")
