"""What no operation makes: answers of functions, signals, creation policies, the module of inline code."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import Any

import pytest

from sagehen.services.cloudformation.acceptance import check_template
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.makers.answers import answer_of, as_text
from sagehen.services.cloudformation.makers.contract import MakerFailed
from sagehen.services.cloudformation.makers.creation_policies import wanted_of
from sagehen.services.cloudformation.makers.replies import Replies
from sagehen.services.cloudformation.makers.signals import Signal, signal_of
from sagehen.services.cloudformation.templates.template import template_of
from sagehen.services.cloudformation.types.attributes import NoSuchAttribute, attribute_of
from sagehen.services.cloudformation.types.inline_code import inline_code
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.resource_type import kind_of

REQUEST = {"StackId": "s", "RequestId": "r", "LogicalResourceId": "L"}
ANSWER = {**REQUEST, "Status": "SUCCESS", "PhysicalResourceId": "p"}


def test_an_answer_is_read() -> None:
    body = json.dumps({**ANSWER, "Data": {"A": 1}, "NoEcho": "true"}).encode()
    assert answer_of(body, REQUEST) == {"PhysicalResourceId": "p", "Data": {"A": 1}, "NoEcho": True}
    assert as_text({"a": [True, 1, 1.5, "x"]}) == {"a": ["true", "1", "1.5", "x"]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"x" * 4097, "Response object is too long"),
        (b"[]", "no JSON object"),
        (json.dumps({**ANSWER, "Status": "OK"}).encode(), "must be SUCCESS or FAILED"),
        (json.dumps({**ANSWER, "RequestId": "other"}).encode(), "RequestId is not that of the request"),
        (json.dumps({**ANSWER, "PhysicalResourceId": ""}).encode(), "Invalid PhysicalResourceId"),
        (json.dumps({**ANSWER, "PhysicalResourceId": "x" * 1025}).encode(), "Invalid PhysicalResourceId"),
        (json.dumps({**ANSWER, "Data": [1]}).encode(), "Data must be a map"),
        (json.dumps({"Status": "FAILED", "Reason": "no"}).encode(), r"Message returned: no \(RequestId: r\)"),
    ],
)  # fmt: skip
def test_what_is_no_answer_fails(body: bytes, words: str) -> None:
    with pytest.raises(MakerFailed, match=words):
        answer_of(body, REQUEST)


async def test_a_key_is_good_for_one_reply() -> None:
    replies = Replies()
    async with replies.one() as (key, reply):
        assert not replies.receive(key + "x", b"a")
        assert replies.receive(key, b"a") and not replies.receive(key, b"b")
        assert await asyncio.wait_for(reply, 30) == b"a"
    assert not replies.receive(key, b"c")


def test_attributes_of_a_custom_resource_are_what_it_answered() -> None:
    kind = kind_of("Custom::Thing")
    known = Known({}, "p", {"Data": {"A.b": 1}, "NoEcho": True})
    assert attribute_of(kind, known, "A.b") == 1
    assert attribute_of(kind, known, "A.b", shown=True) == "*****"
    with pytest.raises(NoSuchAttribute):
        attribute_of(kind, known, "B")


def test_signals_are_read() -> None:
    body = json.dumps({"Status": "FAILURE", "UniqueId": "u", "Reason": "r", "Data": {"a": 1}}).encode()
    assert signal_of(body) == Signal("u", False, "r", '{"a": 1}')
    for bad in (b"{", b"[]", b'{"Status": "SUCCESS"}', b'{"Status": "x", "UniqueId": "u"}', b" " * 5000):
        with pytest.raises(ValueError, match="signal"):
            signal_of(bad)


@pytest.mark.parametrize(
    ("signal", "wanted"),
    [
        ({}, (1, 300)),
        ({"Count": "3", "Timeout": "PT1H2M3S"}, (3, 3723)),
        ({"Timeout": "PT12H"}, (1, 43200)),
        ({"Timeout": "PT12H1S"}, None),
        ({"Timeout": "15"}, None),
        ({"Count": 0}, None),
        ({"Counts": 1}, None),
    ],
)
def test_creation_policies(signal: dict[str, Any], wanted: tuple[int, int] | None) -> None:
    if wanted is not None:
        assert wanted_of({"ResourceSignal": signal}) == wanted
        return
    with pytest.raises(MakerFailed, match="CreationPolicy"):
        wanted_of({"ResourceSignal": signal})


@pytest.mark.parametrize(
    ("runtime", "source", "files"),
    [
        ("python3.11", "import cfnresponse", {"index.py", "cfnresponse.py"}),
        ("python3.11", "pass", {"index.py"}),
        ("nodejs20.x", "require('cfn-response')", {"index.js", "node_modules/cfn-response.js"}),
    ],
)
def test_inline_code_that_names_the_module_has_it(runtime: str, source: str, files: set[str]) -> None:
    package = inline_code(source, Known({"Runtime": runtime}))
    assert set(zipfile.ZipFile(io.BytesIO(package)).namelist()) == files


def test_types_of_custom_resources_and_what_may_have_a_creation_policy() -> None:
    def checked(**resource: Any) -> None:
        check_template(template_of("", {"Resources": {"A": resource}}))

    checked(Type="Custom::Any_thing-1@x")
    checked(Type="AWS::EC2::Instance", CreationPolicy={"ResourceSignal": {}})
    with pytest.raises(ValidationError, match=r"Unrecognized resource types: \[Custom::a b\]"):
        checked(Type="Custom::a b")
    with pytest.raises(ValidationError, match="CreationPolicy is not implemented for AWS::S3::Bucket"):
        checked(Type="AWS::S3::Bucket", CreationPolicy={"ResourceSignal": {}})
