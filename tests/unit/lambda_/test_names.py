"""How requests name functions."""

from __future__ import annotations

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import InvalidParameterValueException, ResourceNotFoundException
from sagehen.services.lambda_.names import parse_reference, require_name_length

SCOPE = Scope("123456789012", "us-east-1")
ARN = "arn:aws:lambda:us-east-1:123456789012:function:birds"


@pytest.mark.parametrize(
    ("text", "qualifier", "name", "found"),
    [
        ("birds", None, "birds", ""),
        ("birds", "live", "birds", "live"),
        ("birds:7", None, "birds", "7"),
        ("birds:7", "7", "birds", "7"),
        ("birds:$LATEST", None, "birds", "$LATEST"),
        ("function:birds", None, "birds", ""),
        ("123456789012:function:birds", None, "birds", ""),
        ("123456789012:function:birds:live", None, "birds", "live"),
        (ARN, None, "birds", ""),
        (f"{ARN}:live", None, "birds", "live"),
    ],
)
def test_forms(text: str, qualifier: str | None, name: str, found: str) -> None:
    reference = parse_reference(SCOPE, text, qualifier)
    assert (reference.scope, reference.name, reference.qualifier) == (SCOPE, name, found)
    assert reference.arn == ARN + (f":{found}" if found else "")


def test_another_account_is_another_scope() -> None:
    reference = parse_reference(SCOPE, "210987654321:function:birds")
    assert reference.scope == Scope("210987654321", "us-east-1")


def test_another_region_is_out_of_reach() -> None:
    with pytest.raises(ResourceNotFoundException) as error:
        parse_reference(SCOPE, ARN.replace("us-east-1", "eu-west-1"))
    assert error.value.message == (
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"
    )


def test_two_qualifiers() -> None:
    with pytest.raises(InvalidParameterValueException):
        parse_reference(SCOPE, "birds:1", "2")


def test_long_names() -> None:
    require_name_length(parse_reference(SCOPE, "x" * 64))
    with pytest.raises(InvalidParameterValueException):
        require_name_length(parse_reference(SCOPE, "x" * 65))
